/** Classes of SQLSTATE that speak about the data, so that a repeat would fail the same way. */
const DATA_FAULT = /^(?:22|54)/;

/**
 * What the database says of a message that it cannot take, whenever it is asked: an id that is none, a text with NUL.
 * null for a fault of the surroundings.
 */
export const faultOfMessage = (fault: unknown): string | null => {
  const code = typeof fault === 'object' && fault !== null && 'code' in fault ? String(fault.code) : '';
  return DATA_FAULT.test(code) ? `SQLSTATE ${code}` : null;
};
