// The table of faults as text for people: the reference page and `switchyard simulate --help` print it.
import { FAULT_NAMES, FAULTS, type FaultArgument, type FaultName } from './faults.ts';

const PLACEHOLDER: Readonly<Record<FaultArgument, string>> = {
  none: '',
  duration: 'DURATION',
  count: 'COUNT',
  status: 'STATUS',
  rate: 'RATE',
  size: 'SIZE',
};

function form(name: FaultName): string {
  const { argument, otherwise } = FAULTS[name];
  if (argument === 'none') return name;
  return otherwise === undefined ? `${name}-${PLACEHOLDER[argument]}` : `${name}[-${PLACEHOLDER[argument]}]`;
}

/** One line per fault, for a terminal. */
export function faultsHelp(): string {
  const width = Math.max(...FAULT_NAMES.map((name) => form(name).length));
  const lines = FAULT_NAMES.map((name) => `  ${form(name).padEnd(width)}  ${FAULTS[name].summary}`);
  return `${lines.join('\n')}\n`;
}

/** The table of docs/reference/simulator.md; a test compares the page with it. */
export function faultsMarkdown(): string {
  const lines = FAULT_NAMES.map(
    (name) => `| \`${form(name)}\` | \`sim-${FAULTS[name].example}\` | ${FAULTS[name].summary} |`,
  );
  return `| fault | model name, for example | what happens |\n|---|---|---|\n${lines.join('\n')}\n`;
}
