// ringHash.
import { testBalancer } from '../balancer.contract.ts';
import { ringHash } from './ring-hash.ts';

testBalancer(ringHash, { hash_on: ['client_ip'], bounded_load: 1.25 }, { tolerance: 0.09 });
