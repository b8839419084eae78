// `switchyard check`: everything that is wrong with a configuration, at its line, without starting anything.
import { Command } from 'commander';
import { type Configuration, loadConfiguration } from '../app/configuration.ts';
import type { SetExitCode } from './exit-code.ts';
import { countFindings, type Output, outputTo, plural, printFindings } from './terminal.ts';

interface CheckOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly dialect?: string;
}

const EXAMPLES = `
Examples:
  switchyard check gateway.yaml
  switchyard check conf/ extra.json --verbose
  switchyard check gateway.yaml --json | jq '.findings[] | select(.severity == "error")'

Exit code: 0 when the configuration can be used, 1 when it has errors.`;

export function checkCommand(setExitCode: SetExitCode): Command {
  return new Command('check')
    .description('Say what is wrong with a configuration, line by line.')
    .argument('[files...]', 'files or folders (default ./gateway.yaml)')
    .option('--json', 'print findings as JSON')
    .option('-v, --verbose', 'also print which dialect each document is in, and why')
    .option('--dialect <name>', 'take every document as this dialect')
    .addHelpText('after', EXAMPLES)
    .action((files: readonly string[], options: CheckOptions) => {
      const configuration = loadConfiguration({
        paths: files.length === 0 ? ['gateway.yaml'] : files,
        documents: [],
        environment: process.env,
        ...(options.dialect === undefined ? {} : { dialect: options.dialect }),
      });
      const output = outputTo(process.stdout);
      if (options.json === true) printJson(configuration, output);
      else printText(configuration, options.verbose === true ? 'verbose' : 'short', output);
      setExitCode(configuration.model === undefined ? 1 : 0);
    });
}

function printJson({ findings, model, recognised }: Configuration, output: Output): void {
  output.line(JSON.stringify({ ok: model !== undefined, findings, recognised }, undefined, 2));
}

function printText(configuration: Configuration, detail: 'short' | 'verbose', output: Output): void {
  const { findings, model, recognised } = configuration;
  if (detail === 'verbose') {
    for (const { source, line, dialect, because } of recognised)
      output.line(output.paint('dim', `${source}:${line} is ${dialect}: ${because}`));
  }
  printFindings(findings, output);
  const verdict = model === undefined ? output.paint('red', 'not usable') : output.paint('green', 'ok');
  const size =
    model === undefined
      ? ''
      : `: ${plural(model.listeners.length, 'listener')}, ${plural(model.routes.length, 'route')}, ${plural(model.backends.length, 'backend')}`;
  // The count is left out when there is nothing to count: scripts look for the words "error" and "warning".
  output.line(`${verdict}${size}${findings.length === 0 ? '' : `; ${countFindings(findings)}`}`);
}
