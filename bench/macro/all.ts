// Every macro bench one after the other and one summary. `node bench/macro/all.ts [--quick] [--save]`; other flags go to each.
// A full run takes about 20 minutes, 10 of them the soak; a quick one about 3, for a look only.
import { join } from 'node:path';
import { machine, saveResult } from './lab/bench.ts';
import { endAll, NODE, start } from './lab/processes.ts';

const BENCHES: readonly (readonly [script: string, ...words: readonly string[]])[] = [
  ['proxy', 'post'],
  ['proxy', 'get'],
  ['proxy', 'two-workers'],
  ['constant-rate'],
  ['sse'],
  ['routes'],
  ['guarded'],
  ['translated', 'pass-through'],
  ['translated', 'chat'],
  ['translated', 'streams'],
  ['translated', 'first-token'],
  ['reload'],
  ['large-bodies'],
  ['soak'],
];

interface Section {
  readonly title: string;
  readonly verdicts: readonly string[];
  readonly rest: readonly string[];
  readonly isMet: boolean;
}

/** A bench that breaks is a line of the summary, not the end of the others. */
async function runOne([script, ...words]: (typeof BENCHES)[number], flags: readonly string[]): Promise<Section> {
  const command = [NODE, join(import.meta.dirname, `${script}.ts`), ...words, ...flags];
  const child = start({ command, stdout: 'pipe' });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const title = [script, ...words].join(' ');
  const lines = output.trimEnd().split('\n');
  const blank = lines.indexOf('');
  if (blank < 0) return { title, verdicts: [`${title}: DID NOT RUN (ended with ${code})`], rest: lines, isMet: false };
  return { title, verdicts: lines.slice(0, blank), rest: lines.slice(blank + 1), isMet: code === 0 };
}

const given = process.argv.slice(2);
const flags = given.filter((flag) => flag !== '--save');
process.once('SIGINT', () => void endAll().then(() => process.exit(130)));
const sections: Section[] = [];
for (const bench of BENCHES) {
  const section = await runOne(bench, flags);
  sections.push(section);
  console.log([...section.verdicts, '', ...section.rest, ''].join('\n'));
}
const verdicts = sections.flatMap((section) => section.verdicts);
console.log([machine(), ...verdicts].join('\n'));
if (given.includes('--save')) {
  const parts = sections.flatMap(({ title, rest }) => ['', `## ${title}`, '', ...rest]);
  const name = flags.includes('--quick') ? 'all-quick' : 'all';
  saveResult(name, [...verdicts.map((line) => `- ${line}`), ...parts]);
}
process.exitCode = sections.every((section) => section.isMet) ? 0 : 1;
