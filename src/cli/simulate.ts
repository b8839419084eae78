// `switchyard simulate`: the built-in fake AI provider on a port of its own.
import { Command } from 'commander';
import { describeFaults, startSimulation } from '../app/simulation.ts';
import type { SetExitCode } from './exit-code.ts';
import { portOption } from './options.ts';
import { onceInterrupted } from './signals.ts';
import { outputTo } from './terminal.ts';

interface SimulateOptions {
  readonly port: number;
  readonly address: string;
  readonly faults?: boolean;
}

const EXAMPLES = `
Examples:
  switchyard simulate --port 9000
  curl localhost:9000/v1/chat/completions -H 'content-type: application/json' \\
    -d '{"model":"sim-cut-3","stream":true,"messages":[{"role":"user","content":"hi"}]}'
  switchyard simulate --faults                every fault a model name can ask for`;

export function simulateCommand(setExitCode: SetExitCode): Command {
  return new Command('simulate')
    .description('Run the built-in fake AI provider, with faults on demand.')
    .option('-p, --port <port>', 'port to listen on', portOption, 9000)
    .option('--address <address>', 'address to listen on', '127.0.0.1')
    .option('--faults', 'list the faults and exit')
    .addHelpText('after', EXAMPLES)
    .action(async (options: SimulateOptions) => {
      if (options.faults === true) {
        outputTo(process.stdout).line(describeFaults());
        return;
      }
      const simulation = await startSimulation(options);
      if (typeof simulation === 'string') {
        outputTo(process.stderr).line(`The simulator did not start: ${simulation}.`);
        setExitCode(1);
        return;
      }
      outputTo(process.stderr).line(`simulator on ${simulation.url}`);
      await onceInterrupted();
      await simulation.close();
    });
}
