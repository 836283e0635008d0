import { AfterAll, BeforeAll, setDefaultTimeout, setWorldConstructor } from '@cucumber/cucumber';
import { startService, type RunningService } from './running-service.ts';

/** What came back for one request. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

let service: RunningService | undefined;
let made = 0;

/** One scenario's client: it remembers its last answer. */
export class Client {
  answer: Answer | undefined;

  get service(): RunningService {
    if (service === undefined) throw new Error('The service is not running.');
    return service;
  }

  /** The last answer; a scenario that asks before it sent anything is wrong. */
  get last(): Answer {
    if (this.answer === undefined) throw new Error('Nothing was sent yet.');
    return this.answer;
  }

  async send(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await fetch(this.service.url + path, { method, headers: { ...type, ...headers }, ...init });
    const text = await answer.text();
    const parsed = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    this.answer = { status: answer.status, headers: answer.headers, text, body: parsed };
    return this.answer;
  }

  /** A registration that is valid and new, but for what the scenario says. */
  register(said: Readonly<Record<string, string>>, path = '/api/v1/users'): Promise<Answer> {
    made += 1;
    const valid = { email: `person-${made}@example.com`, username: `person-${made}`, password: 'SecurePass123!' };
    return this.send('POST', path, { ...valid, ...said });
  }
}

setWorldConstructor(Client);
setDefaultTimeout(90_000);

BeforeAll(async () => {
  service = await startService();
});

AfterAll(async () => {
  await service?.stop();
});
