// `switchyard version`: what runs here.
import { Command } from 'commander';
import { VERSION } from '../app/version.ts';
import { outputTo } from './terminal.ts';

export function versionCommand(): Command {
  return new Command('version')
    .description('Print the version of the gateway and of the runtime below it.')
    .action(() => {
      outputTo(process.stdout).line(
        `switchyard ${VERSION} (node ${process.versions.node}, ${process.platform} ${process.arch})`,
      );
    });
}
