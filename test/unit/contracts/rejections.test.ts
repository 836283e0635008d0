import { describe, expect, test } from '@jest/globals';
import { definitionOf, EVENTS } from '@rollbook/shared/contracts/events/all-events';
import { defineEvent } from '@rollbook/shared/contracts/define-event';
import { ERROR_STATUS, isRejection, reject, REJECTIONS } from '@rollbook/shared/contracts/rejections';
import { personOfStream, sessionStream, signinStream, userStream } from '@rollbook/shared/contracts/streams';
import { z } from 'zod';

describe('The answers to refusals', () => {
  test.each(Object.entries(REJECTIONS))('%s has a known code and a sentence', (_name, answer) => {
    expect(ERROR_STATUS).toHaveProperty(answer.error);
    expect(answer.message).toMatch(/^[A-Z].+/);
  });

  test('that say "try again" say when', () => {
    for (const [name, answer] of Object.entries(REJECTIONS))
      if (answer.error === 'SERVICE_UNAVAILABLE' || name.endsWith('_in_progress') || name === 'refresh_in_grace')
        expect(answer).toMatchObject({ retryAfter: expect.any(Number) });
  });

  test('of a taken name are the messages of the use case', () => {
    expect(REJECTIONS.email_taken.message).toBe('Email already registered');
    expect(REJECTIONS.username_taken.message).toBe('Username already exists');
  });

  test('are values that can be told from other values', () => {
    expect(isRejection(reject('forbidden'))).toBe(true);
    expect(isRejection({ status: 200 })).toBe(false);
  });
});

describe('Events', () => {
  test('have one definition a type', () => {
    expect(new Set(EVENTS.map(({ type }) => type)).size).toBe(EVENTS.length);
    for (const definition of EVENTS) expect(definitionOf(definition.type)).toBe(definition);
    expect(definitionOf('Nothing')).toBeUndefined();
    expect(definitionOf('__proto__')).toBeUndefined();
  });

  test('have closed shapes', () => {
    const definition = defineEvent('Named', 1, { data: { a: z.string() }, personal: { b: z.string() } });
    expect(definition.data.safeParse({ a: 'x', more: 1 }).success).toBe(false);
    expect(definition.personal.safeParse({ b: 'x', more: 1 }).success).toBe(false);
    expect(definition.data.safeParse({ a: 'x' }).success).toBe(true);
    expect(defineEvent('Named', 1, { data: {} }).personal).toBeNull();
  });

  test('of a person stand in the person’s streams', () => {
    expect(personOfStream(userStream('x'))).toBe('x');
    expect(personOfStream(signinStream('x'))).toBe('x');
    expect(personOfStream(sessionStream('x'))).toBeNull();
    expect(personOfStream('service')).toBeNull();
  });
});
