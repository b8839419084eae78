// A DNS server on UDP for tests (RFC 1035 §4, RFC 2782): answers A, AAAA and SRV questions from a zone that the test changes.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import type { TestContext } from 'node:test';

export interface ServiceRecord {
  readonly target: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** Addresses of a name, or its services. `failed`: SERVFAIL. A name that is not in the zone does not exist. */
export type Zone = Readonly<Record<string, readonly (string | ServiceRecord)[] | 'failed'>>;

const TYPE_A = 1;
const TYPE_AAAA = 28;
const TYPE_SRV = 33;
const CLASS_IN = 1;
const SERVFAIL = 2;
const NXDOMAIN = 3;

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function decodeName(message: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  while (message[at] !== 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + message[at]));
    at += 1 + message[at];
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

function ipv6Bytes(address: string): Buffer {
  const [head, tail] = address.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const groups = tail === undefined ? head : [...head, ...new Array(8 - head.length - tail.length).fill('0'), ...tail];
  return Buffer.from(groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]));
}

function dataOf(record: string | ServiceRecord): { readonly type: number; readonly data: Buffer } {
  if (typeof record === 'string') {
    const isV4 = isIP(record) === 4;
    return {
      type: isV4 ? TYPE_A : TYPE_AAAA,
      data: isV4 ? Buffer.from(record.split('.').map(Number)) : ipv6Bytes(record),
    };
  }
  const numbers = Buffer.alloc(6);
  numbers.writeUInt16BE(record.priority, 0);
  numbers.writeUInt16BE(record.weight, 2);
  numbers.writeUInt16BE(record.port, 4);
  return { type: TYPE_SRV, data: Buffer.concat([numbers, encodeName(record.target)]) };
}

export class DnsServer {
  zone: Zone;
  ttlSeconds = 1;
  /** Takes questions and says nothing. */
  isSilent = false;
  questions = 0;
  private readonly socket: Socket;

  private constructor(zone: Zone, socket: Socket) {
    this.zone = zone;
    this.socket = socket;
    socket.on('message', (message, from) => this.answer(message, from));
  }

  static async start(context: TestContext, zone: Zone): Promise<DnsServer> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    context.after(() => socket.close());
    return new DnsServer(zone, socket);
  }

  /** As configurations name it. */
  get address(): string {
    return `127.0.0.1:${this.socket.address().port}`;
  }

  private answer(message: Buffer, from: RemoteInfo): void {
    this.questions++;
    if (this.isSilent) return;
    const { name, end } = decodeName(message);
    const records = this.zone[name];
    const type = message.readUInt16BE(end);
    const found = Array.isArray(records) ? records.map(dataOf).filter((record) => record.type === type) : [];
    const code = records === undefined ? NXDOMAIN : records === 'failed' ? SERVFAIL : 0;
    const header = Buffer.alloc(12);
    message.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8180 | code, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(found.length, 6);
    const answers = found.map(({ data }) => this.record(type, data));
    this.socket.send(Buffer.concat([header, message.subarray(12, end + 4), ...answers]), from.port, from.address);
  }

  private record(type: number, data: Buffer): Buffer {
    const head = Buffer.alloc(12);
    // The name is that of the question (§4.1.4).
    head.writeUInt16BE(0xc00c, 0);
    head.writeUInt16BE(type, 2);
    head.writeUInt16BE(CLASS_IN, 4);
    head.writeUInt32BE(this.ttlSeconds, 6);
    head.writeUInt16BE(data.length, 10);
    return Buffer.concat([head, data]);
  }
}
