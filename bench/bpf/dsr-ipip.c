// What src/bpf/testing/dsr-ipip.ts does, in C, for comparison: the same lookups, hash and header. Compiled by bench/bpf.mjs.
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

struct xdp_md { u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex; };
struct ethhdr { u8 destination[6], source[6]; u16 type; };
struct iphdr { u8 version_ihl, tos; u16 total_length, id, fragment; u8 ttl, protocol; u16 checksum; u32 source, destination; };
struct ports { u16 source, destination; };
struct service_key { u32 address; u16 port; u8 protocol, gap; };
struct service { u32 id; u16 count, flags; };
struct backend { u32 address; u16 port, flags; };
struct config { u32 address, seed; };

#define TABLE_SIZE 16381
#define swap16(x) __builtin_bswap16(x)
static void *(*map_lookup)(void *map, const void *key) = (void *)1;
static long (*adjust_head)(struct xdp_md *ctx, int delta) = (void *)44;

extern char svc4, config, maglev, backends;
#define MAP(name) ({ void *map; asm volatile("%0 = " #name " ll" : "=r"(map)); map; })

static __attribute__((always_inline)) u32 rotate(u32 x, int bits) { return (x << bits) | (x >> (32 - bits)); }

static __attribute__((always_inline)) u32 jhash3(u32 a, u32 b, u32 c, u32 seed)
{
	u32 start = seed + 0xdeadbeef + (3 << 2);
	a += start; b += start; c += start;
	c ^= b; c -= rotate(b, 14);
	a ^= c; a -= rotate(c, 11);
	b ^= a; b -= rotate(a, 25);
	c ^= b; c -= rotate(b, 16);
	a ^= c; a -= rotate(c, 4);
	b ^= a; b -= rotate(a, 14);
	c ^= b; c -= rotate(b, 24);
	return c;
}

__attribute__((section("xdp"))) int dsr_ipip(struct xdp_md *ctx)
{
	void *data = (void *)(u64)ctx->data, *end = (void *)(u64)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);
	struct ports *ports = (void *)(ip + 1);
	if ((void *)(ports + 1) > end || eth->type != swap16(0x0800) || ip->version_ihl != 0x45) return 2;
	if (ip->fragment & swap16(0x3fff)) return 2;
	if (ip->protocol != 6 && ip->protocol != 17) return 2;
	struct service_key key = { ip->destination, ports->destination, ip->protocol, 0 };
	u16 length = swap16(ip->total_length);
	u32 client = ip->source;
	struct service *service = map_lookup(MAP(svc4), &key);
	if (!service) return 2;
	u32 zero = 0;
	struct config *settings = map_lookup(MAP(config), &zero);
	if (!settings) return 2;
	u32 hash = jhash3(client, ((u32)ports->destination << 16) | ports->source, ip->protocol, settings->seed);
	u32 id = service->id;
	void *table = map_lookup(MAP(maglev), &id);
	if (!table) return 1;
	u32 *places = map_lookup(table, &zero);
	if (!places) return 1;
	u32 number = hash % TABLE_SIZE;
	asm volatile("" : "+r"(number));
	if (number >= TABLE_SIZE) return 1;
	u32 chosen = places[number];
	struct backend *backend = map_lookup(MAP(backends), &chosen);
	if (!backend) return 1;
	u32 from = settings->address, to = backend->address;
	u16 target = backend->port;
	if (adjust_head(ctx, -(int)sizeof(*ip))) return 1;
	data = (void *)(u64)ctx->data;
	end = (void *)(u64)ctx->data_end;
	if (data + sizeof(*eth) + 2 * sizeof(*ip) > end) return 1;
	struct ethhdr *old = data + sizeof(*ip);
	eth = data;
	__builtin_memcpy(eth->destination, old->source, 6);
	__builtin_memcpy(eth->source, old->destination, 6);
	eth->type = swap16(0x0800);
	ip = data + sizeof(*eth);
	u16 total = swap16((u16)(length + sizeof(*ip)));
	ip->version_ihl = 0x45;
	ip->tos = 0;
	ip->total_length = total;
	ip->id = target;
	ip->fragment = swap16(0x4000);
	ip->ttl = 64;
	ip->protocol = 4;
	ip->source = from;
	ip->destination = to;
	u32 sum = total + target + (from & 0xffff) + (from >> 16) + (to & 0xffff) + (to >> 16) + 0x04c5;
	sum = (sum & 0xffff) + (sum >> 16);
	ip->checksum = (sum + (sum >> 16)) ^ 0xffff;
#ifdef REPEATED
	if (adjust_head(ctx, sizeof(*ip))) return 1;
	data = (void *)(u64)ctx->data;
	end = (void *)(u64)ctx->data_end;
	if (data + sizeof(*eth) > end) return 1;
	((struct ethhdr *)data)->type = swap16(0x0800);
#endif
	return 3;
}
