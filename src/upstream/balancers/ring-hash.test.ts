// The contract and what hashing must show. Only keys of the endpoint that leaves move.
import { testBalancer } from '../balancer.contract.ts';
import { testHashing } from '../hashing.contract.ts';
import { ringHash } from './ring-hash.ts';

testBalancer(ringHash, { hash_on: ['client_ip'], bounded_load: 1.25 }, { tolerance: 0.09 });
testHashing(ringHash, 0);
