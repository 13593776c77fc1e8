// What the reader chose about the tables.
import { signal } from '@preact/signals';
import { defaultSort, type ProcessColumn, type Sort, sortedBy } from './order';
import { type Shape, shapes } from './lines';

export const shape = signal<Shape>('flat');
export const sort = signal<Sort>(defaultSort);
export const filterText = signal('');

/** What is wrong with the filter, in words; null when nothing is. */
export const filterProblem = signal<string | null>(null);

/** Keys of the lines whose members are folded away. */
export const folded = signal<ReadonlySet<string>>(new Set());

/** How many processes there are, and what else the head says about them. */
export const processCount = signal('');
export const processNote = signal('');

/** What the head says while the order is held; null while rows move. */
export const heldNote = signal<string | null>(null);

export function sortBy(by: ProcessColumn): void {
  sort.value = sortedBy(sort.value, by);
}

/** Flat, tree, by cgroup, and again. */
export function nextShape(): void {
  shape.value = shapes[(shapes.indexOf(shape.value) + 1) % shapes.length] ?? 'flat';
}

/** Folds or unfolds a line; without a wish, the other way. */
export function fold(key: string, wanted = !folded.value.has(key)): void {
  if (folded.value.has(key) !== wanted) {
    const keys = new Set(folded.value);
    if (wanted) {
      keys.add(key);
    } else {
      keys.delete(key);
    }

    folded.value = keys;
  }
}
