import { createServer } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { listen } from '@rollbook/shared/process/listen';
import { banner } from '../../../deploy/standalone/banner.ts';
import { freePort } from '../../../deploy/standalone/free-port.ts';
import { Undo } from '../../../deploy/standalone/undo.ts';
import { untilReady } from '../../../deploy/standalone/until-ready.ts';

describe('Stopping', () => {
  test('goes backwards, once, one after the other', async () => {
    const undo = new Undo();
    const done: string[] = [];
    for (const name of ['first', 'second', 'third'])
      undo.add(async () => {
        await new Promise((wake) => setTimeout(wake, 1));
        done.push(name);
      });
    await Promise.all([undo.run(), undo.run()]);
    expect(done).toEqual(['third', 'second', 'first']);
  });

  test('a part that fails to stop does not keep the others running', async () => {
    const undo = new Undo();
    let stopped = false;
    undo.add(() => {
      stopped = true;
    });
    undo.add(() => Promise.reject(new Error('stuck')));
    await expect(undo.run()).rejects.toThrow('stuck');
    expect(stopped).toBe(true);
  });

  test('can be bounded', async () => {
    const undo = new Undo();
    undo.add(() => new Promise<void>(() => undefined));
    await undo.run(10);
    const failing = new Undo();
    failing.add(() => Promise.reject(new Error('stuck')));
    await expect(failing.run(1_000)).resolves.toBeUndefined();
  });
});

describe('Starting', () => {
  test('finds a port, or says that it is taken', async () => {
    const port = await freePort('127.0.0.1', 0);
    expect(port).toBeGreaterThan(0);
    const taken = await listen(createServer(), { host: '127.0.0.1', port });
    await expect(freePort('127.0.0.1', port)).rejects.toThrow(`Port ${String(port)} of 127.0.0.1 is taken`);
    await taken.close();
  });

  test('waits until a service is ready', async () => {
    let asked = 0;
    const server = await listen(
      createServer((_request, response) => {
        asked += 1;
        response.writeHead(asked < 3 ? 503 : 200).end();
      }),
      { host: '127.0.0.1', port: 0 },
    );
    await untilReady(server.url, clock);
    expect(asked).toBe(3);
    await server.close();
  });

  test('shows a new administrator once, and the inbox only where there is one', () => {
    const facts = { gateway: 'http://localhost:8000', dataDir: '/data', inbox: true, newAdmin: null };
    expect(banner({ ...facts, newAdmin: { email: 'admin@example.org', password: 'Shown-1' } })).toContain('Shown-1');
    expect(banner(facts)).not.toContain('password  ');
    expect(banner(facts)).toContain('http://localhost:8000/dev/inbox');
    expect(banner({ ...facts, inbox: false })).not.toContain('/dev/inbox');
  });
});
