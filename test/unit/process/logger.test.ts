import { describe, expect, test } from '@jest/globals';
import { createLogger, describeFault } from '@rollbook/shared/process/logger';

describe('Logging', () => {
  test('secrets and addresses are left out wherever a line carries them', () => {
    const lines: string[] = [];
    const logger = createLogger({ service: 'test', level: 'info' }, { write: (line) => void lines.push(line) });
    logger.info({
      password: 's3cret',
      body: { token: 's3cret', email: 's3cret' },
      req: { headers: { authorization: 's3cret' } },
    });
    expect(lines.join('')).not.toContain('s3cret');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ service: 'test', level: 'info', password: '[redacted]' });
  });

  test('of a fault only kind, code, message, stack and cause are told', () => {
    const fault = Object.assign(new Error('broken', { cause: new RangeError('inner') }), {
      code: '23505',
      detail: 'Key (email)=(mia@example.org) already exists.',
    });
    const told = describeFault(fault);
    expect(Object.keys(told)).toEqual(['type', 'code', 'message', 'stack', 'cause']);
    expect(told['cause']).toMatchObject({ type: 'RangeError', message: 'inner' });
    expect(describeFault('mia@example.org')).toEqual({ type: 'string' });
  });
});
