// Goal: the filter finds what its words say, says what it does not understand, and never fails.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cgroupTerm, parseFilter } from '../src/tables/filter';
import { process } from './tables-samples';

const postgres = process(1688, {
  name: 'postgres', args: 'atlas app 10.0.0.3 SELECT', user: 'postgres', cgroup: '/system.slice/postgresql.service',
  state: 'D', cpu: 0.61, memory: 812 * 1024 ** 2, read: 3 * 1024 ** 2, write: 1024 ** 2,
});
const unknown = process(7, {
  name: 'secret', user: null, cgroup: null, cpu: null, memory: null, read: null, write: null,
});

describe('a term holds', () => {
  test.each([
    '', '  ', 'postgres', 'POST', 'atlas select', '"atlas app"', 'user:postgres', 'user:post', 'cg:postgresql',
    'pid:1688', 'pid:1,1688', 'state:D', 'state:rd', 'cpu>0.5', 'cpu>=61%', 'cpu<1', 'mem>0.5g', 'mem>500M', 'mem<1GiB',
    'io>3m', 'io>=4mb', 'io=4194304', '!chrome', '!user:root', '!cpu>1', 'postgres cpu>0.5 !state:R',
  ])('%s', (text) => {
    const filter = parseFilter(text);
    expect([filter.matches(postgres), filter.problem]).toEqual([true, null]);
  });
});

describe('a term does not hold', () => {
  test.each([
    'postgresx', 'atlas chrome', '"app atlas"', 'user:root', 'cg:docker', 'pid:168', 'state:R', 'cpu>0.61', 'mem>1g',
    'io>10m', '!postgres', '!mem>1k',
  ])('%s', (text) => {
    const filter = parseFilter(text);
    expect([filter.matches(postgres), filter.problem]).toEqual([false, null]);
  });
});

test.each(['cpu>0', '!cpu>0', 'mem<1g', '!io>1', 'user:root', '!user:root', '!cg:x'])(
  'what is missing is neither: %s',
  (text) => expect(parseFilter(text).matches(unknown)).toBe(false),
);

test('terms that only look like terms are words', () => {
  const server = process(1, { name: 'node', args: 'http://localhost:80 a>b --x=1' });
  for (const text of ['http://localhost', 'a>b', '--x=1', 'localhost:80']) {
    expect(parseFilter(text).matches(server)).toBe(true);
  }
});

describe('what makes no sense is named and left out', () => {
  test.each([
    ['cpu>', 'cpu> needs an amount, such as cpu>0.5'],
    ['cpu>x', 'cpu>0.5'],
    ['cpu>1g', 'cpu>0.5'],
    ['mem>1q', 'mem>1g'],
    ['mem>50%', 'mem>1g'],
    ['io>>1', 'io>10m'],
    ['pid:x', 'pid: needs a number'],
    ['pid:', 'pid:'],
    ['state:', 'state: needs letters'],
    ['state:4', 'state:'],
    ['user:', 'user: needs a name'],
    ['cg:""', 'cg: needs'],
  ])('%s', (text, words) => {
    const filter = parseFilter(`${text} postgres`);
    expect(filter.problem).toContain(words);
    expect([filter.matches(postgres), filter.matches(unknown)]).toEqual([true, false]);
  });

  test.each(['!', '"', '""', '! !', '!"'])('%j filters nothing', (text) => {
    expect(parseFilter(text)).toMatchObject({ isEmpty: true, problem: null });
  });
});

test('no text whatever makes it fail', () => {
  const piece = fc.constantFrom('cpu', '>', '<=', '0.5', 'g', '%', '!', '"', ' ', 'user:', 'pid:', ',', 'x', 'state:');
  fc.assert(fc.property(fc.oneof(fc.string(), fc.array(piece).map((all) => all.join(''))), (text) => {
    expect(typeof parseFilter(text).matches(postgres)).toBe('boolean');
  }));
});

test('the term of a cgroup finds its members, spaces or not', () => {
  for (const path of ['/system.slice/postgresql.service', '/a b/c']) {
    expect(parseFilter(cgroupTerm(path)).matches(process(1, { cgroup: path }))).toBe(true);
  }
});
