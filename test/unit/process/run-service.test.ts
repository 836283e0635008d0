import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { createLogger } from '@rollbook/shared/process/logger';
import { runService, type RunOptions } from '@rollbook/shared/process/run-service';
import { running, type Running } from '@rollbook/shared/process/running';
import { ConfigError, StartError } from '@rollbook/shared/process/start-error';

const aProcess = () => {
  const signals = new EventEmitter();
  const exits: number[] = [];
  const said: string[] = [];
  const logged: string[] = [];
  const options: RunOptions = {
    host: {
      env: {},
      on: (event, listener) => signals.on(event, listener),
      exit: (code) => void exits.push(code),
    },
    logger: createLogger({ service: 'test', level: 'info' }, { write: (line) => void logged.push(line) }),
    say: (sentence) => void said.push(sentence),
    stopWithinMs: 30,
  };
  return { signals, exits, said, logged, options };
};

const stopped: Running = running({}, () => Promise.resolve());
const never: Running = running({}, () => new Promise<void>(() => undefined));

describe('A service as a process', () => {
  test('a signal stops it, and it ends with 0', async () => {
    const { signals, exits, options } = aProcess();
    await runService('x', () => Promise.resolve(stopped), options);
    signals.emit('SIGTERM');
    await turn();
    expect(exits).toEqual([0]);
  });

  test('a signal during the start stops it as soon as it has started', async () => {
    const { signals, exits, options } = aProcess();
    const start = async (): Promise<Running> => {
      signals.emit('SIGINT');
      await turn();
      return stopped;
    };
    await runService('x', start, options);
    await turn();
    expect(exits).toEqual([0]);
  });

  test('a second signal ends it at once', async () => {
    const { signals, exits, options } = aProcess();
    await runService('x', () => Promise.resolve(never), { ...options, stopWithinMs: 300 });
    signals.emit('SIGINT');
    signals.emit('SIGINT');
    expect(exits).toEqual([1]);
  });

  test('a stop that hangs is cut off', async () => {
    const { signals, exits, options } = aProcess();
    await runService('x', () => Promise.resolve(never), options);
    signals.emit('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(exits).toEqual([1]);
  });

  test('a stop that fails is logged and ends with 1', async () => {
    const { signals, exits, logged, options } = aProcess();
    const broken = running({}, () => Promise.reject(new Error('no')));
    await runService('x', () => Promise.resolve(broken), options);
    signals.emit('SIGTERM');
    await turn();
    expect(exits).toEqual([1]);
    expect(logged.join('')).toContain('Stopping failed');
  });

  test.each([
    ['wrong settings', new ConfigError('PORT must be a port.'), 78],
    ['a start that cannot succeed', new StartError('Port 8000 is taken.'), 1],
  ])('%s: its sentence is shown and the process ends with its code', async (_what, fault, code) => {
    const { exits, said, logged, options } = aProcess();
    await runService('x', () => Promise.reject(fault), options);
    expect(said).toEqual([fault.message]);
    expect(exits).toEqual([code]);
    expect(logged).toEqual([]);
  });

  test('any other fault at the start is logged and ends with 1', async () => {
    const { exits, logged, options } = aProcess();
    await runService('x', () => Promise.reject(new TypeError('broken')), options);
    expect(exits).toEqual([1]);
    expect(logged.join('')).toContain('broken');
  });

  test.each(['uncaughtException', 'unhandledRejection'])('%s is logged and ends the process', async (event) => {
    const { signals, exits, logged, options } = aProcess();
    await runService('x', () => Promise.resolve(stopped), options);
    signals.emit(event, new Error('lost'));
    expect(exits).toEqual([1]);
    expect(logged.join('')).toContain('lost');
  });

  test('stopping twice stops once', async () => {
    let stops = 0;
    const service = running({}, () => {
      stops += 1;
      return Promise.resolve();
    });
    await Promise.all([service.stop(), service.stop()]);
    expect(stops).toBe(1);
  });
});
