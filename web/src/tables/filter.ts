// The language of the filter: words and terms that must all hold, `!` before one that must not.
//
//   node server         name or arguments contain both words; "a b" is one word
//   user:post cg:docker  user or cgroup contains the text
//   pid:1,42 state:DR    one of these
//   cpu>0.5 cpu>=50%     CPUs busy; per cent are of one CPU
//   mem>1g io>10m        resident bytes, bytes a second from and to storage; k m g t are powers of 1024
//   !chrome              not

/** What a filter looks at. */
export interface Filtered {
  readonly pid: number;
  readonly name: string;
  readonly args: string;
  readonly user: string | null;
  readonly cgroup: string | null;
  readonly state: string;
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly io: number | null;
}

export interface Filter {
  /** Nothing is filtered. */
  readonly isEmpty: boolean;
  /** What is wrong with a term, in words; that term is ignored. */
  readonly problem: string | null;
  matches(process: Filtered): boolean;
}

/** Null: the value is missing, so that neither the term nor its opposite holds. */
type Term = (process: Filtered) => boolean | null;

/** A filter of more words than this is a paste; the rest is ignored. */
const mostTerms = 16;

const term = /(!?)("[^"]*"?|(?:[^\s"]|"[^"]*"?)+)/g;
const comparison = /^(cpu|mem|io)(>=|<=|>|<|=)(.*)$/i;
const field = /^(user|cg|pid|state):(.*)$/i;
const amount = /^(\d+(?:\.\d*)?|\.\d+)([kmgt%]?)(?:i?b)?$/i;

/** Reads a filter. It never fails: a term that makes no sense is named and left out. */
export function parseFilter(text: string): Filter {
  const terms: Term[] = [];
  let problem: string | null = null;
  for (const [, not, body] of [...text.matchAll(term)].slice(0, mostTerms)) {
    const read = body === undefined || body === '' ? null : readTerm(body);
    if (typeof read === 'string') {
      problem ??= read;
    } else if (read !== null) {
      terms.push(not === '!' ? (process) => negated(read(process)) : read);
    }
  }

  return {
    isEmpty: terms.length === 0,
    problem,
    matches: (process) => terms.every((holds) => holds(process) === true),
  };
}

/** The term that finds the members of a cgroup. */
export function cgroupTerm(path: string): string {
  return /[\s"]/.test(path) ? `cg:"${path.replaceAll('"', '')}"` : `cg:${path}`;
}

/** A term, or what is wrong with it. A text that looks like no term is a word. */
function readTerm(body: string): Term | string | null {
  const compared = comparison.exec(body);
  if (compared !== null) {
    const [, name = '', operator = '', value = ''] = compared;
    return readComparison(name.toLowerCase() as 'cpu' | 'mem' | 'io', operator, value);
  }

  const named = field.exec(body);
  if (named !== null) {
    const [, name = '', value = ''] = named;
    return readField(name.toLowerCase() as 'user' | 'cg' | 'pid' | 'state', unquoted(value));
  }

  const word = unquoted(body).toLowerCase();
  return word === '' || word === '!'
    ? null
    : (process) => process.name.toLowerCase().includes(word) || process.args.toLowerCase().includes(word);
}

function readField(name: 'user' | 'cg' | 'pid' | 'state', value: string): Term | string {
  const wanted = value.toLowerCase();
  switch (name) {
    case 'user':
      return wanted === '' ? 'user: needs a name' : (process) => contains(process.user, wanted);
    case 'cg':
      return wanted === '' ? 'cg: needs a part of a cgroup’s path' : (process) => contains(process.cgroup, wanted);
    case 'state':
      return /^[a-z]+$/.test(wanted)
        ? (process) => wanted.includes(process.state.toLowerCase()) && process.state !== ''
        : 'state: needs letters, such as state:D';
    case 'pid': {
      const pids = value.split(',').map(Number);
      return /^\d+(,\d+)*$/.test(value) ? (process) => pids.includes(process.pid) : 'pid: needs a number';
    }
  }
}

function readComparison(name: 'cpu' | 'mem' | 'io', operator: string, text: string): Term | string {
  const example = { cpu: 'cpu>0.5', mem: 'mem>1g', io: 'io>10m' }[name];
  const [, digits, unit = ''] = amount.exec(text) ?? [];
  const letter = unit.toLowerCase();
  const fits = name === 'cpu' ? letter === '' || letter === '%' : letter !== '%';
  if (digits === undefined || !fits) {
    return `${name}${operator} needs an amount, such as ${example}`;
  }

  const scale = letter === '%' ? 0.01 : 1024 ** (['', 'k', 'm', 'g', 't'].indexOf(letter));
  const bound = Number(digits) * scale;
  const value = { cpu: (p: Filtered) => p.cpu, mem: (p: Filtered) => p.memory, io: (p: Filtered) => p.io }[name];
  return (process) => {
    const own = value(process);
    return own === null ? null : compare(own, operator, bound);
  };
}

function compare(value: number, operator: string, bound: number): boolean {
  switch (operator) {
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    default:
      return value === bound;
  }
}

function contains(text: string | null, wanted: string): boolean | null {
  return text === null ? null : text.toLowerCase().includes(wanted);
}

function negated(value: boolean | null): boolean | null {
  return value === null ? null : !value;
}

function unquoted(text: string): string {
  return text.replaceAll('"', '');
}
