// A request by dsr-ipip as src/loadbalancer/datapath sends it, in C, on the same maps: for comparison. Compiled by bench/lb/compiled.mjs,
// once for traffic control and once (-DFAST) for XDP. -DFORGET forgets the flow again, so that each packet is the first of one.
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

struct xdp_md { u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex; };
struct sk_buff {
	u32 len, pkt_type, mark, queue_mapping, protocol, vlan_present, vlan_tci, vlan_proto, priority, ingress_ifindex, ifindex;
	u32 tc_index, cb[5], hash, tc_classid, data, data_end, napi_id, family, remote_ip4, local_ip4, remote_ip6[4], local_ip6[4];
	u32 remote_port, local_port, data_meta;
	u64 flow_keys, tstamp;
	u32 wire_len, gso_segs;
	u64 sk;
	u32 gso_size;
};
struct ethhdr { u8 destination[6], source[6]; u16 type; };
struct iphdr { u8 version_ihl, tos; u16 total_length, id, fragment; u8 ttl, protocol; u16 checksum; u32 source, destination; };
struct ports { u16 source, destination; };
struct tcp { u16 source, destination; u32 sequence, acknowledgment; u8 offset, flags; };
struct tuple { u32 source, destination; u16 source_port, destination_port; u8 protocol, gap[3]; };
struct service_key { u32 address; u16 port; u8 protocol, scope; };
struct service;
struct backend;
struct flow { u32 backend, seen, state; };
struct affinity { u32 backend, seen; };
struct affinity_key { u32 service, client; };
struct traffic { u64 packets, bytes; };
struct fib {
	u8 family, l4_protocol;
	u16 source_port, destination_port, total_length;
	u32 ifindex, tos, source[4], destination[4], vlan;
	u8 source_mac[6], destination_mac[6];
};

static void *(*map_lookup)(void *map, const void *key) = (void *)1;
static long (*map_update)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static long (*map_delete)(void *map, const void *key) = (void *)3;
static u32 (*prandom)(void) = (void *)7;
static long (*redirect)(u32 ifindex, u64 flags) = (void *)23;
static long (*adjust_head)(void *ctx, int delta) = (void *)44;
static long (*adjust_room)(void *ctx, int delta, u32 mode, u64 flags) = (void *)50;
static long (*fib_lookup)(void *ctx, struct fib *fib, int size, u32 flags) = (void *)69;
static long (*redirect_neigh)(u32 ifindex, void *next, int size, u64 flags) = (void *)152;
static u64 (*coarse_ns)(void) = (void *)160;

extern char services4, flows4, backends4, affinities4, table, counters, traffic;
#define MAP(name) ({ void *map; asm volatile("%0 = " #name " ll" : "=r"(map)); map; })
/* Fields of these are where the layouts of src/loadbalancer/maps have them, which are given as macros. */
#define FIELD(type, base, offset) (*(type *)((char *)(base) + (offset)))
#define swap16(x) __builtin_bswap16(x)
#define inline static __attribute__((always_inline))

#ifdef FAST
typedef struct xdp_md context;
#define NEXT 2
#define DROP 1
#else
typedef struct sk_buff context;
#define NEXT -1
#define DROP 2
#endif

inline u32 mix(u32 hash, u32 word) { hash = (hash ^ word) * 0x9e3779b1; return hash ^ (hash >> 15); }

#define FIN 1
#define SYN 2
#define RST 4
#define SECONDS(n) ((u32)(((n) * 1000000000ull + (1 << 30) - 1) >> 30))

inline int goes_on(struct flow *flow, struct tuple *tuple, u32 now, u8 flags)
{
	if (tuple->protocol != 6) {
		if (now - flow->seen > SECONDS(120)) return 0;
	} else if (flags & (FIN | SYN | RST)) {
		if (flags & RST) flow->state |= 6;
		else if (flags & FIN) flow->state |= 3;
		else if (flow->state & 6 || now - flow->seen > (flow->state & 1 ? SECONDS(600) : SECONDS(60))) return 0;
	} else if (!(flow->state & 1)) flow->state |= 1;
	flow->seen = now;
	return 1;
}

inline struct backend *remember(struct service *service, struct tuple *tuple, u32 now, u8 flags, u32 id, struct backend *backend)
{
	struct flow flow = { id, now, tuple->protocol == 6 && !(flags & SYN) };
	map_update(MAP(flows4), tuple, &flow, 0);
	if (FIELD(u32, service, SERVICE_AFFINITY_SECONDS)) {
		struct affinity_key key = { FIELD(u32, service, SERVICE_ID), tuple->source };
		struct affinity affinity = { id, coarse_ns() / 1000000000 };
		map_update(MAP(affinities4), &key, &affinity, 0);
	}
	return backend;
}

inline struct backend *pick(struct service *service, struct tuple *tuple, u32 now, u8 flags)
{
	u32 id;
	struct backend *backend;
	if (FIELD(u32, service, SERVICE_AFFINITY_SECONDS)) {
		struct affinity_key key = { FIELD(u32, service, SERVICE_ID), tuple->source };
		struct affinity *kept = map_lookup(MAP(affinities4), &key);
		if (kept && coarse_ns() / 1000000000 - kept->seen <= FIELD(u32, service, SERVICE_AFFINITY_SECONDS)) {
			id = kept->backend;
			backend = map_lookup(MAP(backends4), &id);
			if (backend && !(FIELD(u8, backend, BACKEND_FLAGS) & 2)) return remember(service, tuple, now, flags, id, backend);
		}
	}
	if (!FIELD(u32, service, SERVICE_TABLE_SIZE)) return 0;
	u32 number;
	if (FIELD(u8, service, SERVICE_ALGORITHM) == 1) number = prandom();
	else {
		number = mix(mix(0, tuple->source), tuple->source_port | ((u32)tuple->protocol << 16)) * 0x85ebca6b;
		number ^= number >> 13;
	}
	u32 slot = FIELD(u32, service, SERVICE_TABLE_OFFSET) + number % FIELD(u32, service, SERVICE_TABLE_SIZE);
	u32 *chosen = map_lookup(MAP(table), &slot);
	if (!chosen) return 0;
	id = *chosen;
	backend = map_lookup(MAP(backends4), &id);
	return backend ? remember(service, tuple, now, flags, id, backend) : 0;
}

inline void count(u32 which)
{
	u64 *value = map_lookup(MAP(counters), &which);
	if (value) *value += 1;
}

inline void count_traffic(u32 which, u64 length)
{
	struct traffic *value = map_lookup(MAP(traffic), &which);
	if (!value) return;
	value->packets += 1;
	value->bytes += length;
}

inline void outer(struct iphdr *ip, u8 tos, u16 length, u16 port, u32 to)
{
	u16 total = swap16((u16)(length + sizeof(*ip)));
	*ip = (struct iphdr){ 0x45, tos, total, port, swap16(0x4000), 64, 4, 0, NODE, to };
	u32 sum = (u32)(0x45 | (tos << 8)) + total + port + 0x40 + (64 | (4 << 8));
	sum += (NODE & 0xffff) + ((u32)NODE >> 16) + (to & 0xffff) + (to >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	ip->checksum = ~(sum + (sum >> 16));
}

__attribute__((section("program"))) int request(context *ctx)
{
	void *data = (void *)(u64)ctx->data, *end = (void *)(u64)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);
	struct ports *ports = (void *)(ip + 1);
	if ((void *)(ports + 2) > end || eth->type != swap16(0x0800) || ip->version_ihl != 0x45) return NEXT;
	if (ip->fragment & swap16(0x3fff)) return NEXT;
	if (ip->protocol != 6 && ip->protocol != 17) return NEXT;
	u8 flags = 0;
	if (ip->protocol == 6) {
		if ((void *)((struct tcp *)ports + 1) > end) return NEXT;
		flags = ((struct tcp *)ports)->flags;
	}
	struct tuple tuple = { ip->source, ip->destination, ports->source, ports->destination, ip->protocol };
	struct service_key key = { ip->destination, ports->destination, ip->protocol, 0 };
	struct service *service = map_lookup(MAP(services4), &key);
	if (!service) return NEXT;
	if ((tuple.source & 0xff) == 127 || (tuple.destination & 0xff) == 127) return DROP;
	if (FIELD(u16, service, SERVICE_FLAGS) & 4) return NEXT;
	u16 length = swap16(ip->total_length);
	struct backend *backend = 0;
	u32 now = coarse_ns() >> 30;
	struct flow *flow = map_lookup(MAP(flows4), &tuple);
	if (flow && goes_on(flow, &tuple, now, flags)) {
		u32 id = flow->backend;
		backend = map_lookup(MAP(backends4), &id);
	}
	if (!backend) backend = pick(service, &tuple, now, flags);
	if (!backend || (FIELD(u8, backend, BACKEND_FLAGS) & 1) || FIELD(u8, service, SERVICE_MODE) != 1) return NEXT;
#ifdef FAST
	if (length > MTU - sizeof(*ip)) return NEXT;
	u64 bytes = end - data;
#else
	u32 fitting = length, bytes = ctx->len;
	if (ctx->gso_size) {
		struct tcp *tcp = (void *)ports;
		if ((void *)(tcp + 1) > end) return DROP;
		fitting = ctx->gso_size + sizeof(*ip) + (tuple.protocol == 6 ? (tcp->offset >> 4) << 2 : 8);
	}
	if (fitting > MTU - sizeof(*ip)) return NEXT;
#endif
	u8 tos = ip->tos;
	u32 to = FIELD(u32, backend, BACKEND_ADDRESS);
	u16 port = FIELD(u16, backend, BACKEND_PORT);
	struct fib fib = { .family = 2, .ifindex = ctx->INGRESS, .source = { NODE }, .destination = { to } };
#ifdef FAST
	if (fib_lookup(ctx, &fib, sizeof(fib), 0) || fib.ifindex != ctx->ingress_ifindex) return NEXT;
	if (adjust_head(ctx, -(int)sizeof(*ip))) return NEXT;
#else
	if (adjust_room(ctx, sizeof(*ip), 1, ROOM)) return DROP;
#endif
	data = (void *)(u64)ctx->data;
	end = (void *)(u64)ctx->data_end;
	if (data + sizeof(*eth) + sizeof(*ip) > end) return DROP;
	eth = data;
	outer((void *)(eth + 1), tos, length, port, to);
#ifdef FAST
	__builtin_memcpy(eth->destination, fib.destination_mac, 6);
	__builtin_memcpy(eth->source, fib.source_mac, 6);
	eth->type = swap16(0x0800);
	int result = 3;
#else
	if (fib_lookup(ctx, &fib, sizeof(fib), 4)) return NEXT;
#endif
	count_traffic(FIELD(u32, service, SERVICE_COUNTER), bytes);
	count(FORWARDED_IPIP);
#ifndef FAST
	int result = redirect_neigh(fib.ifindex, 0, 0, 0);
#endif
	// as it was, for the next run
#ifdef FAST
	if (adjust_head(ctx, sizeof(*ip))) return DROP;
	data = (void *)(u64)ctx->data;
	if (data + sizeof(*eth) > (void *)(u64)ctx->data_end) return DROP;
	((struct ethhdr *)data)->type = swap16(0x0800);
#else
	if (adjust_room(ctx, -(int)sizeof(*ip), 1, ROOM)) return DROP;
#endif
#ifdef FORGET
	map_delete(MAP(flows4), &tuple);
#endif
	return result;
}
