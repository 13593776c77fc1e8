let last = 0;

/** A number that was never given before: what two things with different numbers hold cannot be taken for the same. */
export function newVersion(): number {
  return ++last;
}
