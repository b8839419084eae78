// The command line: one file per command, put together here. Called by bin/switchyard.
import { Command, CommanderError } from 'commander';
import { VERSION } from '../app/version.ts';
import { checkCommand } from './check.ts';
import { costCommand } from './cost.ts';
import type { SetExitCode } from './exit-code.ts';
import { explainCommand } from './explain.ts';
import { runCommand } from './run.ts';
import { schemaCommand } from './schema.ts';
import { simulateCommand } from './simulate.ts';
import { testCommand } from './test.ts';
import { versionCommand } from './version.ts';

const EXAMPLES = `
Examples:
  switchyard run --quickstart                 a gateway with a built-in model, ready for curl
  switchyard run gateway.yaml --watch         serve a configuration, reload it when it changes
  switchyard check conf/                      what is wrong with a configuration, line by line
  switchyard explain gateway.yaml /v1/models  which route takes a request, and why
  switchyard cost gpt-4o --input 900 -o 80    what tokens cost
  switchyard test scenario.yaml               what a configuration does under load and faults, simulated

Every command has its own --help.`;

function createProgram(setExitCode: SetExitCode): Command {
  const program = new Command('switchyard')
    .description('An AI gateway: one program between applications and AI models, and any other HTTP service.')
    .version(VERSION, '-V, --version')
    .helpCommand(true)
    .showSuggestionAfterError()
    .addHelpText('after', EXAMPLES);
  for (const create of [
    runCommand,
    checkCommand,
    explainCommand,
    testCommand,
    costCommand,
    simulateCommand,
    schemaCommand,
    versionCommand,
  ]) {
    program.addCommand(create(setExitCode));
  }
  for (const command of [program, ...program.commands]) command.exitOverride().showSuggestionAfterError();
  return program;
}

/** `switchyard schema | head`: whoever read has seen enough. A gateway goes on without anybody reading its words. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Runs one command line (without the program's name) and resolves with the exit code. */
export async function main(parameters: readonly string[]): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  let exitCode = 0;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...parameters], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has printed what it had to say: help, version, or what is wrong with the command line.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}
