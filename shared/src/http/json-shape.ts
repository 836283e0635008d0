/** Why a text, although valid JSON, is not taken. `path` leads to the place. */
export interface ShapeFault {
  readonly path: readonly string[];
  readonly code: 'duplicate_field' | 'reserved_field' | 'too_deep';
}

/** Deepest nesting of objects and lists that is taken; far above any real body, far below any stack's end. */
export const MAX_DEPTH = 64;

interface Frame {
  /** Names met so far; null in a list. */
  readonly names: Set<string> | null;
  /** Where the walk stands: the last name, or the index. */
  at: string;
  index: number;
}

const STRING = /"(?:[^"\\]|\\.)*"/y;

/**
 * Looks through a text that `JSON.parse` accepted for what it hides: a name given twice (the last one would win
 * silently), the name `__proto__`, and nesting that a recursive reader would not survive. Null when there is none.
 */
export const findShapeFault = (text: string): ShapeFault | null => {
  const frames: Frame[] = [];
  const path = (): string[] => frames.map((frame) => frame.at);
  let expectsName = false;
  for (let i = 0; i < text.length; i += 1) {
    const frame = frames.at(-1);
    const sign = text.charAt(i);
    switch (sign) {
      case '{':
      case '[': {
        if (frames.length === MAX_DEPTH) return { path: path(), code: 'too_deep' };
        const isObject = sign === '{';
        frames.push({ names: isObject ? new Set() : null, at: isObject ? '' : '0', index: 0 });
        expectsName = isObject;
        break;
      }
      case '}':
      case ']':
        frames.pop();
        expectsName = false;
        break;
      case ',':
        if (frame === undefined) break;
        if (frame.names === null) {
          frame.index += 1;
          frame.at = String(frame.index);
        } else expectsName = true;
        break;
      case '"': {
        STRING.lastIndex = i;
        const token = STRING.exec(text)?.[0] ?? '"';
        i += token.length - 1;
        if (!expectsName || !frame?.names) break;
        expectsName = false;
        const name = JSON.parse(token) as string;
        frame.at = name;
        if (name === '__proto__') return { path: path(), code: 'reserved_field' };
        if (frame.names.has(name)) return { path: path(), code: 'duplicate_field' };
        frame.names.add(name);
        break;
      }
      default:
    }
  }
  return null;
};
