// `switchyard run`: the gateway itself, from files to the last log line.
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import type { GatewayOptions, RunningGateway, StartOutcome } from '../app/gateway-options.ts';
import { startGateway } from '../app/main.ts';
import { prepareQuickstart, type Quickstart } from '../app/quickstart.ts';
import type { SetExitCode } from './exit-code.ts';
import { durationOption, portOption, workersOption } from './options.ts';
import { onEndingSignal } from './signals.ts';
import { type Output, outputTo, printFindings } from './terminal.ts';

interface RunOptions {
  readonly port?: number;
  readonly adminPort?: number;
  readonly adminAddress?: string;
  readonly adminToken?: string;
  readonly workers?: number;
  readonly watch?: boolean;
  readonly quickstart?: boolean;
  readonly dialect?: string;
  readonly accessLog?: string;
  readonly drainDelay?: number;
  readonly drainTimeout?: number;
}

const DEFAULT_FILE = 'gateway.yaml';

const EXAMPLES = `
Examples:
  switchyard run                              ./gateway.yaml when it is there, else --quickstart
  switchyard run gateway.yaml --watch
  switchyard run conf/ --port 8080 --admin-port 8001 --workers 4
  switchyard run gateway.yaml --access-log off --drain-timeout 60s

Signals: SIGTERM and SIGINT drain and end (a second one ends at once), SIGHUP reloads.`;

export function runCommand(setExitCode: SetExitCode): Command {
  return new Command('run')
    .description('Run the gateway.')
    .argument('[files...]', 'configuration files or folders')
    .option('-p, --port <port>', 'port of the first listener', portOption)
    .option('--admin-port <port>', 'port of health, metrics and control (default 8001)', portOption)
    .option('--admin-address <address>', 'address of the admin port (default 127.0.0.1; others need a token)')
    .option('--admin-token <token>', 'token for the admin port; better given as SWITCHYARD_ADMIN_TOKEN')
    .option(
      '-w, --workers <count>',
      'data-plane threads (default: the cores available; 0: one thread for everything)',
      workersOption,
    )
    .option('--watch', 'reload when a file changes')
    .option('--quickstart', 'no configuration: OpenAI when OPENAI_API_KEY is set, else a built-in model')
    .option('--dialect <name>', 'take every document as this dialect')
    .option('--access-log <where>', 'stdout, off, or a file (default stdout)')
    .option(
      '--drain-delay <duration>',
      'wait between failing readiness and closing listeners (default 0s)',
      durationOption,
    )
    .option('--drain-timeout <duration>', 'time for requests and streams to finish (default 30s)', durationOption)
    .addHelpText('after', EXAMPLES)
    .action(async (files: readonly string[], options: RunOptions) => setExitCode(await run(files, options)));
}

function toGatewayOptions(paths: readonly string[], options: RunOptions): GatewayOptions {
  const { drainDelay, drainTimeout, quickstart: _quickstart, ...others } = options;
  return {
    ...others,
    paths,
    ...(drainDelay === undefined ? {} : { drainDelayMs: drainDelay }),
    ...(drainTimeout === undefined ? {} : { drainTimeoutMs: drainTimeout }),
  };
}

async function run(files: readonly string[], options: RunOptions): Promise<number> {
  const output = outputTo(process.stderr);
  dieOfBugs(output);
  const isQuickstart = options.quickstart === true || (files.length === 0 && !existsSync(DEFAULT_FILE));
  const quickstart = isQuickstart ? await prepareQuickstart(process.env) : undefined;
  const paths = files.length === 0 && !isQuickstart ? [DEFAULT_FILE] : files;
  const outcome = await startGateway({
    ...toGatewayOptions(paths, options),
    ...(quickstart === undefined ? {} : { documents: [quickstart.document] }),
  });
  if (outcome.kind === 'refused') {
    await quickstart?.close();
    return refused(outcome, output);
  }
  if (quickstart !== undefined) sayHowToTry(quickstart, outcome.gateway, output);
  await untilEnded(outcome.gateway);
  await quickstart?.close();
  return 0;
}

function refused({ reason, findings }: Extract<StartOutcome, { kind: 'refused' }>, output: Output): number {
  printFindings(findings, output);
  output.line(`${output.paint('red', 'not started')}: ${reason}`);
  return 1;
}

function sayHowToTry(quickstart: Quickstart, gateway: RunningGateway, output: Output): void {
  output.line('');
  output.line(quickstart.summary);
  output.line('Try it:');
  output.line('');
  for (const line of quickstart.tryLines(gateway.listeners[0].url)) output.line(output.paint('cyan', line));
  output.line('');
}

async function untilEnded(gateway: RunningGateway): Promise<void> {
  const reload = (): void => void gateway.reload();
  process.on('SIGHUP', reload);
  const stopListening = onEndingSignal(() => void gateway.stop());
  await gateway.ended;
  stopListening();
  process.off('SIGHUP', reload);
}

/** Control-plane bugs end the process, loudly: a gateway that cannot be controlled is worse than one that restarts. */
function dieOfBugs(output: Output): void {
  const die = (error: unknown): void => {
    output.line(`bug: ${error instanceof Error ? error.stack : String(error)}`);
    process.exit(1);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
}
