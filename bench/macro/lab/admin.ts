// What the gateway says about itself on its admin port: counters, generation.
import type { Gateway } from './targets.ts';

async function get(gateway: Gateway, path: string): Promise<string> {
  const reply = await fetch(`http://127.0.0.1:${gateway.adminPort}${path}`);
  return await reply.text();
}

/** Sum of all series of a metric whose labels contain the given text. */
export async function readMetric(gateway: Gateway, name: string, labels = ''): Promise<number> {
  let sum = 0;
  for (const line of (await get(gateway, '/metrics')).split('\n')) {
    if (!line.startsWith(`${name}{`) && !line.startsWith(`${name} `)) continue;
    if (line.includes(labels)) sum += Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return sum;
}

export async function readGeneration(gateway: Gateway): Promise<number> {
  return (JSON.parse(await get(gateway, '/gateway/health')) as { readonly generation: number }).generation;
}
