const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** True for a UUID of any version as it is written here: in lower case. */
export const isUuid = (text: string): boolean => UUID.test(text);
