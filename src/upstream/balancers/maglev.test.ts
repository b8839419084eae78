// maglev.
import { testBalancer } from '../balancer.contract.ts';
import { maglev } from './maglev.ts';

testBalancer(maglev, { hash_on: ['client_ip'], bounded_load: 1.25 }, { tolerance: 0.012 });
