// Goal: no guard of docs/SECURITY.md stands without a test that falls with it. Method: in a copy of the working tree
// every guard of guards.txt gets a switch that turns it off; the copy is built once. With every switch on the tests
// must pass; then one switch at a time is off, and each test that is named for it must fail.
//   node tests/guards/run.mjs [--check|--built] [--jobs=N] [PART OF A NAME, OR ID...]
// --check only looks whether every text is where the table says; --built takes the copy as the last run left it;
// --jobs takes N guards away at the same time, each in processes of its own.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const tree = join(root, 'artifacts', 'guards', 'tree');
const results = join(root, 'artifacts', 'guards', 'results');
const program = join(tree, 'artifacts', 'bin', 'Hostscope', 'release', 'hostscope');
const native = join(tree, 'artifacts', 'publish', 'hostscope');
const testMs = 180_000;

function die(message) {
  console.error(`guards: ${message}`);
  process.exit(2);
}

/**
 * The table. A guard begins with `== ID name: what it is`; then come files (`@ path`; `@text path` for what is read as
 * text and needs no build), with the exact text (`- `, one line or several) and what takes its place (`+ `), in which
 * OFF is true when the guard is off; and the tests that must fail (`? project filter`).
 */
function readTable() {
  const guards = [];
  let edit;
  for (const [index, line] of readFileSync(join(root, 'tests', 'guards', 'guards.txt'), 'utf8').split('\n').entries()) {
    const guard = guards.at(-1);
    const head = /^== (\S+) ([\w-]+): (.+)$/.exec(line);
    if (head) {
      guards.push({ id: head[1], name: head[2], what: head[3], edits: [], tests: [] });
    } else if (line.startsWith('@')) {
      const [how, file] = line.split(' ');
      edit = { file, isText: how === '@text', from: [], to: [] };
      guard.edits.push(edit);
    } else if (line.startsWith('- ')) {
      if (edit.to.length > 0) {
        edit = { ...edit, from: [], to: [] };
        guard.edits.push(edit);
      }

      edit.from.push(line.slice(2));
    } else if (line.startsWith('+ ') || line === '+') {
      edit.to.push(line.slice(2));
    } else if (line.startsWith('? ')) {
      const [, project, filter] = /^\? (\S+) (.+)$/.exec(line) ?? die(`line ${index + 1}: ${line}`);
      guard.tests.push({ project, filter });
    } else if (line !== '' && !line.startsWith('#')) {
      die(`guards.txt, line ${index + 1} is not understood: ${line}`);
    }
  }

  for (const guard of guards) {
    const isWhole = guard.tests.length > 0 && guard.edits.length > 0 && guard.edits.every((one) => one.from.length > 0);
    if (!isWhole || guards.filter((other) => other.name === guard.name).length > 1) {
      die(`${guard.name}: needs a file, a text, a test, and a name of its own`);
    }
  }

  return guards;
}

/** The files of the working tree as git would add them; one that has not changed keeps its time, for the build. */
function copyTree() {
  const list = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  const isFile = (file) => file !== '' && existsSync(join(root, file)) && statSync(join(root, file)).isFile();
  const files = new Map(list.stdout.toString().split('\0').filter(isFile)
    .map((file) => [file, readFileSync(join(root, file))]));
  mkdirSync(tree, { recursive: true });
  spawnSync('git', ['init', '-q'], { cwd: tree });
  for (const page of ['artifacts/web', 'web/node_modules']) {
    existsSync(join(root, page)) || die(`there is no ${page}: run ./dev web first`);
  }

  cpSync(join(root, 'artifacts', 'web'), join(tree, 'artifacts', 'web'), { recursive: true, preserveTimestamps: true });
  mkdirSync(join(tree, 'web'), { recursive: true });
  if (!existsSync(join(tree, 'web', 'node_modules'))) {
    spawnSync('ln', ['-s', join(root, 'web', 'node_modules'), join(tree, 'web', 'node_modules')]);
  }

  return files;
}

/** Puts in the edits of a guard; the text must be there exactly once, or the table is out of date. */
function put(files, guard, edits) {
  for (const { file, from, to } of edits) {
    const text = files.get(file)?.toString() ?? die(`${guard.name}: there is no file ${file}`);
    const places = text.split(from.join('\n'));
    if (places.length !== 2) {
      die(`${guard.name}: its text is ${places.length - 1} times in ${file}; mend tests/guards/guards.txt:\n${
        from.join('\n')}`);
    }

    const off = file.endsWith('.cs') ? `(System.Environment.GetEnvironmentVariable("GUARD_OFF") == "${guard.name}")`
      : `(globalThis.process?.env?.['GUARD_OFF'] === '${guard.name}')`;
    files.set(file, Buffer.from(places.join(to.join('\n').replaceAll(/\bOFF\b/g, off))));
  }
}

function writeTree(files) {
  for (const [file, content] of files) {
    const path = join(tree, file);
    if (!existsSync(path) || !statSync(path).isFile() || !readFileSync(path).equals(content)) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content, { mode: statSync(join(root, file)).mode });
    }
  }

  for (const folder of ['src', 'tests', 'web/src', 'web/test', 'web/e2e']) {
    for (const entry of readdirSync(join(tree, folder), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && !files.has(relative(tree, path)) && !path.includes('/node_modules/')) {
        rmSync(path);
      }
    }
  }
}

/** Builds the copy. Analyzers are for code that people write. */
function build(projects) {
  const all = ['src/Hostscope', ...projects.filter((project) => project !== 'browser' && project !== 'web')
    .map((project) => `tests/${project}`)];
  const isTraced = projects.includes('browser'); // What the runtime's own files are opened for is not looked at.
  const steps = [
    ...all.map((project) => ['build', project]),
    ...(isTraced ? [['publish', 'src/Hostscope', '-r', `linux-${process.arch}`, '-o', dirname(native)]] : []),
  ];
  for (const step of steps) {
    console.log(`dotnet ${step.join(' ')}, with switches`);
    const run = spawnSync('dotnet', [...step, '-c', 'Release', '-v', 'quiet', '-p:RunAnalyzers=false',
      '-p:TreatWarningsAsErrors=false', '-p:WarningLevel=0'], { cwd: tree, encoding: 'utf8' });
    run.status === 0 || die(`the copy does not build:\n${run.stdout}`);
  }
}

/** Runs tests with one guard off, or none; how many ran and how many failed. */
async function runTests(project, filters, off) {
  const file = join(results, `${off || 'control'}.${project}.xml`);
  rmSync(file, { force: true });
  mkdirSync(results, { recursive: true });
  const binary = project === 'browser' ? native : program;
  const env = { ...process.env, HOSTSCOPE_BIN: binary, HOSTSCOPE_FUZZ_SEED: '1', NO_COLOR: '1', GUARD_OFF: off };
  const options = { env, timeout: testMs * (off ? 1 : 5), killSignal: 'SIGKILL', stdio: ['ignore', 'pipe', 'pipe'] };
  let run;
  if (project === 'browser') {
    run = spawn('node', ['--test', '--test-concurrency=1', '--test-reporter=junit',
      `--test-reporter-destination=${file}`, ...filters.map((filter) => `e2e/${filter}.test.mjs`)],
    { ...options, cwd: join(tree, 'web') });
  } else if (project === 'web') {
    run = spawn('npx', ['vitest', 'run', '--reporter=junit', `--outputFile.junit=${file}`, ...filters],
      { ...options, cwd: join(tree, 'web') });
  } else {
    const tests = `Hostscope.${project}.Tests`;
    run = spawn(join(tree, 'artifacts', 'bin', tests, 'release', tests), ['-noLogo', '-noColor', '-result-junit', file,
      ...filters.flatMap((filter) => ['-method', `*${filter}*`])], { ...options, cwd: tree });
  }

  let said = '';
  run.stdout.on('data', (chunk) => (said += chunk));
  run.stderr.on('data', (chunk) => (said += chunk));
  const [, signal] = await once(run, 'exit');
  await pause(500); // For the rest of its output, of which the end may be held by what a failed test leaves behind.
  run.stdout.destroy();
  run.stderr.destroy();
  const xml = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const count = (pattern) => (xml.match(pattern) ?? []).length;
  return {
    ran: count(/<testcase[ >]/g),
    // A test that fails with a text that is no XML leaves no file.
    failed: Math.max(count(/<(failure|error)[ />]/g), (said.match(/ \[FAIL\]$/gm) ?? []).length),
    hung: signal === 'SIGKILL',
    said,
  };
}

/** With nothing off everything passes, and every filter finds a test: otherwise what follows would mean nothing. */
async function control(guards) {
  const filters = new Map();
  for (const { project, filter } of guards.flatMap((guard) => guard.tests)) {
    filters.set(project, (filters.get(project) ?? new Set()).add(filter));
  }

  for (const [project, set] of filters) {
    const { ran, failed, hung, said } = await runTests(project, [...set], '');
    console.log(`${project}: ${ran} tests, ${failed} failed with every guard in its place`);
    ran > 0 && failed === 0 && !hung || die(`they must pass before a guard is taken away:\n${said.slice(-8000)}`);
  }
}

/** Takes one guard away, and says what came of it. */
async function tryGuard(guard) {
  const texts = guard.edits.filter((one) => one.isText);
  const before = texts.map((one) => readFileSync(join(tree, one.file)));
  const files = new Map(texts.map((one, i) => [one.file, before[i]]));
  put(files, guard, texts);
  files.forEach((content, file) => writeFileSync(join(tree, file), content));
  const outcomes = [];
  for (const { project, filter } of guard.tests) {
    const { ran, failed, hung } = await runTests(project, [filter], guard.name);
    const outcome = failed > 0 ? 'caught' : hung ? 'caught, by never ending' : ran > 0 ? 'NOT CAUGHT' : 'NO TEST';
    outcomes.push(`${outcome} by ${project} ${filter}${failed > 1 ? ` (${failed})` : ''}`);
  }

  texts.forEach((one, i) => writeFileSync(join(tree, one.file), before[i]));
  const isCaught = outcomes.every((outcome) => outcome.startsWith('caught'));
  const title = `${isCaught ? 'ok  ' : 'BAD '} ${guard.id} ${guard.name}: ${guard.what}`;
  console.log([title, ...outcomes].join('\n       '));
  return isCaught;
}

const isCheck = process.argv.includes('--check');
const isBuilt = process.argv.includes('--built');
const jobs = Number(/--jobs=(\d+)/.exec(process.argv.join(' '))?.[1] ?? 1);
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const all = readTable();
const guards = all.filter((guard) => wanted.length === 0
  || wanted.some((word) => guard.name.includes(word) || guard.id === word));
const files = copyTree();
all.forEach((guard) => put(files, guard, guard.edits.filter((one) => !one.isText)));
all.forEach((guard) => put(new Map(files), guard, guard.edits.filter((one) => one.isText)));
if (isCheck) {
  console.log(`${all.length} guards are where guards.txt says`);
  process.exit(0);
}

if (!isBuilt) {
  writeTree(files);
  build([...new Set(guards.flatMap((guard) => guard.tests.map((one) => one.project)))]);
  await control(guards);
}

let caught = 0;
const isShared = (guard) => guard.edits.some((one) => one.isText); // Its text changes for every test that runs.
const waiting = guards.filter((guard) => !isShared(guard));
await Promise.all(Array.from({ length: jobs }, async () => {
  for (let guard = waiting.shift(); guard; guard = waiting.shift()) {
    const isCaught = await tryGuard(guard);
    caught += isCaught ? 1 : 0;
  }
}));
for (const guard of guards.filter(isShared)) {
  caught += await tryGuard(guard) ? 1 : 0;
}

console.log(`${guards.length} guards, ${caught} caught`);
process.exit(caught === guards.length ? 0 : 1);
