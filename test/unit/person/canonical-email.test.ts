import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalEmail } from '@rollbook/shared/person/canonical-email';
import { NameDigests } from '@rollbook/shared/person/name-digests';

describe('One address has one form', () => {
  test.each([
    ['Ada@Example.COM', 'ada@example.com'],
    ['MIKE@example.com', 'mike@example.com'],
    ['\u212Aim@example.com', 'kim@example.com'],
    ['ｋｉｍ@example.com', 'kim@example.com'],
    ['kim@ｅｘａｍｐｌｅ.com', 'kim@example.com'],
    ['kim@bücher.example', 'kim@xn--bcher-kva.example'],
    ['kim@BÜCHER.example', 'kim@xn--bcher-kva.example'],
    ['kim@bu\u0308cher.example', 'kim@xn--bcher-kva.example'],
    ['kim@xn--bcher-kva.example', 'kim@xn--bcher-kva.example'],
    ['kim@straße.example', 'kim@xn--strae-oqa.example'],
    ['kim@example。com', 'kim@example.com'],
    ["o'brien+list=1@example.co.uk", "o'brien+list=1@example.co.uk"],
    ['john.doe@example.com', 'john.doe@example.com'],
  ])('%s is %s', (address, form) => {
    expect(canonicalEmail(address)).toBe(form);
  });

  test('dots and tags in the local part are the owner’s own business', () => {
    expect(canonicalEmail('john.doe@example.com')).not.toBe(canonicalEmail('johndoe@example.com'));
    expect(canonicalEmail('john+a@example.com')).not.toBe(canonicalEmail('john@example.com'));
  });
});

describe('No address', () => {
  test.each([
    ['dotless i', 'm\u0131ke@example.com'],
    ['an accent', 'josé@example.com'],
    ['an invisible character', 'mi\u200bke@example.com'],
    ['a dotted capital I', 'M\u0130KE@example.com'],
    ['a trailing dot', 'mike@example.com.'],
    ['a quoted local part', '"mike"@example.com'],
    ['a quoted space', '"mi ke"@example.com'],
    ['a comment', 'mike(x)@example.com'],
    ['a leading dot', '.mike@example.com'],
    ['a doubled dot', 'mi..ke@example.com'],
    ['a dot before the at', 'mike.@example.com'],
    ['no at', 'invalid-email'],
    ['two ats', 'mike@x@example.com'],
    ['a second, full-width at', 'mike＠x@example.com'],
    ['nothing before the at', '@example.com'],
    ['nothing after it', 'mike@'],
    ['one label', 'mike@localhost'],
    ['an address of the network', 'mike@127.0.0.1'],
    ['a literal', 'mike@[127.0.0.1]'],
    ['a space', 'mi ke@example.com'],
    ['a space at the end', 'mike@example.com '],
    ['a line break', 'mike@example.com\r\nBcc: x@example.com'],
    ['a second recipient', 'mike@example.com,x@example.com'],
    ['a display name', 'Mike <mike@example.com>'],
    ['an underscore in the domain', 'mike@exa_mple.com'],
    ['a hyphen at a label’s end', 'mike@example-.com'],
    ['a broken A-label', 'mike@xn--a.com'],
    ['a NUL', 'mike\u0000@example.com'],
    ['a lone surrogate', 'mike\ud800@example.com'],
    ['nothing', ''],
  ])('%s', (_why, address) => {
    expect(canonicalEmail(address)).toBeNull();
  });

  test('is longer than 254 characters, or has more than 64 before the at', () => {
    const domain = `${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(60)}.example.com`;
    const fits = `${'a'.repeat(254 - domain.length - 1)}@${domain}`;
    expect(fits).toHaveLength(254);
    expect(canonicalEmail(fits)).toBe(fits);
    expect(canonicalEmail(`a${fits}`)).toBeNull();
    expect(canonicalEmail(`${'a'.repeat(64)}@example.com`)).not.toBeNull();
    expect(canonicalEmail(`${'a'.repeat(65)}@example.com`)).toBeNull();
  });
});

describe('The canonical form', () => {
  const letters = fc.constantFrom(...'abzKIi09.-+_ſKℋßẞıİÅéüｋＫﬃ²①。．@\u0301\u00ad'.split(''));
  const word = fc.array(fc.oneof(letters, fc.string({ unit: 'binary', maxLength: 1 })), {
    minLength: 1,
    maxLength: 12,
  });
  const address = fc.tuple(word, word).map(([local, domain]) => `${local.join('')}@${domain.join('')}.example`);

  test('of the canonical form is the canonical form', () => {
    fc.assert(
      fc.property(fc.oneof(address, fc.emailAddress(), fc.string({ unit: 'grapheme' })), (text) => {
        const once = canonicalEmail(text);
        if (once !== null) expect(canonicalEmail(once)).toBe(once);
      }),
      { numRuns: 2_000 },
    );
  });

  test('does not depend on letter case or on the Unicode form', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (text) => {
        fc.pre(canonicalEmail(text) !== null);
        expect(canonicalEmail(text.toUpperCase())).toBe(canonicalEmail(text));
        expect(canonicalEmail(text.normalize('NFKD'))).toBe(canonicalEmail(text));
      }),
      { numRuns: 300 },
    );
  });
});

describe('The name of a claim’s stream', () => {
  const digests = new NameDigests(Buffer.alloc(32, 7));

  test('is the same for ever', () => {
    expect(digests.email('ada@example.com')).toBe('3318b577ce13cea0b115026e4468ddfb327cd802cc98a559f82a4e8336a24811');
    expect(digests.username('ada')).toBe('8ab5fbcd1f9834323cc6aaa972a964923bf1a86846fc05caac708adb815424b0');
  });

  test('differs by kind, by the letter case of a username, and by key', () => {
    expect(digests.email('ada')).not.toBe(digests.username('ada'));
    expect(digests.username('Ada')).not.toBe(digests.username('ada'));
    expect(new NameDigests(Buffer.alloc(32, 8)).email('ada')).not.toBe(digests.email('ada'));
  });
});
