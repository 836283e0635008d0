import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { reject } from '@rollbook/shared/contracts/rejections';
import { newRequestId } from '@rollbook/shared/http/request-id';
import { setSecurityHeaders } from '@rollbook/shared/http/security-headers';
import { sendRejection } from '@rollbook/shared/http/send';
import { toInstant, type Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import { INBOX_POLICY, inboxPage } from './inbox-page.ts';
import type { Inbox } from './inbox.ts';
import { mayReadInbox } from './may-read-inbox.ts';

/** Answers `/dev/inbox` and `/dev/inbox.json` to who sits at this machine; to everybody else there is nothing here. */
export function inboxListener(inbox: Inbox, { clock, random }: { clock: Clock; random: Random }): RequestListener {
  const answer = (request: IncomingMessage, response: ServerResponse, type: string, body: string): void => {
    response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8`, 'Content-Length': Buffer.byteLength(body) });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
  return (request, response) => {
    const requestId = newRequestId(random);
    setSecurityHeaders(response);
    response.setHeader('X-Request-Id', requestId);
    response.setHeader('Cache-Control', 'no-store');
    const path = request.url?.split('?')[0];
    const known = path === '/dev/inbox' || path === '/dev/inbox.json';
    const occasion = { requestId, timestamp: toInstant(clock.now()) };
    if (!known || !mayReadInbox(request)) sendRejection(response, reject('not_found'), occasion);
    else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      sendRejection(response, reject('method_not_allowed'), occasion);
    } else if (path === '/dev/inbox.json') answer(request, response, 'application/json', JSON.stringify(inbox.mails));
    else {
      response.setHeader('Content-Security-Policy', INBOX_POLICY);
      answer(request, response, 'text/html', inboxPage(inbox.mails));
    }
  };
}
