// Whose request a listed proxy brings: the address farthest back in X-Forwarded-For for which every hop from there to us is trusted.
import net from 'node:net';
import { ownedText } from '../base/owned-text.ts';

/** An IPv4 peer of a dual-stack socket shows as ::ffff:a.b.c.d; blocks and logs name it as it is. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** The address in `a.b.c.d`, `a.b.c.d:port`, IPv6 or `[IPv6]:port`, in quotes or not; undefined for anything else. */
function addressOf(hop: string): string | undefined {
  const written = hop.trim().replace(/^"(.*)"$/, '$1');
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(written)?.[1] ?? written.replace(/^([^:]+):\d+$/, '$1');
  const address = plainAddress(bare.toLowerCase());
  // A copy: a slice would keep the whole request head in memory wherever the address is remembered.
  return net.isIP(address) === 0 ? undefined : ownedText(address);
}

/**
 * Read from the right, because what stands left of the first address nobody vouches for was written by the client. `chain` is
 * the field's value as received from `peer`, which is trusted.
 */
export function forwardedClient(
  chain: string | undefined,
  peer: string,
  isTrustedProxy: (ip: string) => boolean,
): string {
  let client = peer;
  for (const hop of (chain ?? '').split(',').reverse()) {
    const address = addressOf(hop);
    if (address === undefined) return client;
    client = address;
    if (!isTrustedProxy(address)) return client;
  }
  return client;
}
