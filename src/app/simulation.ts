// The simulator as the command line and the quickstart start it.
import { faultsHelp } from '../simulator/fault-listing.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { listenFailure } from './port-probe.ts';

/** The running simulator, or why it did not start. */
export async function startSimulation(options: {
  readonly port: number;
  readonly address: string;
}): Promise<Simulator | string> {
  try {
    return await startSimulator(options);
  } catch (error) {
    return listenFailure(error, options.port, options.address);
  }
}

export function describeFaults(): string {
  return faultsHelp();
}
