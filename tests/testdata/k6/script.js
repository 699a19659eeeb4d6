import http from 'k6/http';
import { check, group, sleep } from 'k6';
import { Trend, Counter, Gauge, Rate } from 'k6/metrics';
const t = new Trend('parse_time', true), s = new Trend('items'), c = new Counter('orders'), g = new Gauge('queue'), r = new Rate('cached');
export const options = { vus: 2, iterations: 12, 
  summaryTrendStats: (__ENV.STATS || 'avg,min,med,max,p(90),p(95)').split(','),
  thresholds: { http_req_duration: ['p(95)<500', 'max<0.001'], 'http_req_duration{name:home}': ['avg<500'], http_req_failed: ['rate<0.5'] } };
export function setup() { http.get(__ENV.URL); return {a: 1}; }
export default function () {
  group('shop', () => {
    const res = http.get(__ENV.URL, { tags: { name: 'home' } });
    check(res, { 'is 200': (x) => x.status === 200 });
    if (__ITER % 3 == 0) http.get(__ENV.URL + 'nosuch');
  });
  t.add(1.5 + __ITER); s.add(__ITER); c.add(2); g.add(__ITER); r.add(__ITER % 2 == 0);
}
export function handleSummary(data) { return { [__ENV.OUT]: JSON.stringify(data, null, 1) }; }
