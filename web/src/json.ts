// Checks of what a server sent: a value has the type that the contract says, or the error names the member.

/** A message that breaks the contract: says which member and what it should have been. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

export type Json = Readonly<Record<string, unknown>>;

/** A JSON object. */
export function objectAt(json: unknown, where: string): Json {
  if (!isObject(json)) {
    throw new WireError(`${where} must be an object`);
  }

  return json;
}

export function isObject(json: unknown): json is Json {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** A JSON array. */
export function arrayAt(json: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(json)) {
    throw new WireError(`${where} must be an array`);
  }

  return json;
}

/** A text. */
export function stringAt(json: unknown, where: string): string {
  if (typeof json !== 'string') {
    throw new WireError(`${where} must be a string`);
  }

  return json;
}

/** A number. */
export function numberAt(json: unknown, where: string): number {
  if (typeof json !== 'number') {
    throw new WireError(`${where} must be a number`);
  }

  return json;
}

/** A number, or null where the value is missing. */
export function numberOrNullAt(json: unknown, where: string): number | null {
  return json === null || json === undefined ? null : numberAt(json, where);
}

/** A text, or null where the value is missing. */
export function stringOrNullAt(json: unknown, where: string): string | null {
  return json === null || json === undefined ? null : stringAt(json, where);
}
