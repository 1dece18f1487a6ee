// Translates resources with Envoy Gateway's translator, again and again, and says how long it took: the anchor of the bench of
// the same with nekube. It stands in a copy of that module, since its packages are internal.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"time"

	cachev3 "github.com/envoyproxy/go-control-plane/pkg/cache/v3"

	egv1a1 "github.com/envoyproxy/gateway/api/v1alpha1"
	"github.com/envoyproxy/gateway/internal/gatewayapi"
	"github.com/envoyproxy/gateway/internal/gatewayapi/resource"
	"github.com/envoyproxy/gateway/internal/logging"
	"github.com/envoyproxy/gateway/internal/xds/cache"
	"github.com/envoyproxy/gateway/internal/xds/translator"
	"github.com/envoyproxy/gateway/internal/xds/types"
	gwapiv1 "sigs.k8s.io/gateway-api/apis/v1"
)

type result struct {
	// To messages in a snapshot.
	Ms []float64 `json:"ms"`
	// To their bytes and versions, too, which a snapshot needs once an Envoy is connected.
	ServedMs  []float64 `json:"servedMs"`
	Resources int       `json:"resources"`
	HeapMiB   float64   `json:"heapMiB"`
}

func main() {
	file, runs := os.Args[1], atoi(os.Args[2])
	text, err := os.ReadFile(file)
	check(err)
	resources := resource.NewResources()
	check(json.Unmarshal(text, resources))
	snapshots := cache.NewSnapshotCache(true, logger())
	told := result{}
	for i := 0; i < runs; i++ {
		begin := time.Now()
		tables := translate(resources, snapshots)
		told.Ms = append(told.Ms, since(begin))
		told.Resources = version(tables)
		told.ServedMs = append(told.ServedMs, since(begin))
	}
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	told.HeapMiB = float64(memory.HeapAlloc) / (1 << 20)
	check(json.NewEncoder(os.Stdout).Encode(told))
	runtime.KeepAlive(snapshots)
}

func translate(resources *resource.Resources, snapshots cache.SnapshotCacheWithCallbacks) []types.XdsResources {
	toIR := &gatewayapi.Translator{
		GatewayControllerName: string(resources.GatewayClass.Spec.ControllerName),
		GatewayClassName:      gwapiv1.ObjectName(resources.GatewayClass.Name),
		ControllerNamespace:   "envoy-gateway-system",
		Logger:                logger(),
	}
	ir, err := toIR.Translate(context.Background(), resources)
	check(err)
	tables := []types.XdsResources{}
	for key, xds := range ir.XdsIR {
		toXds := &translator.Translator{Logger: logger()}
		table, err := toXds.Translate(context.Background(), xds)
		check(err)
		tables = append(tables, table.XdsResources)
		check(snapshots.GenerateNewSnapshot(key, table.XdsResources, context.Background()))
	}
	return tables
}

// What the cache does with a snapshot for an Envoy that is connected: bytes and a hash of each resource.
func version(tables []types.XdsResources) int {
	count := 0
	for _, table := range tables {
		for _, list := range table {
			count += len(list)
		}
		snapshot, err := cachev3.NewSnapshot("1", table)
		check(err)
		check(snapshot.ConstructVersionMap())
	}
	return count
}

func since(begin time.Time) float64 {
	return float64(time.Since(begin).Microseconds()) / 1000
}

func logger() logging.Logger {
	return logging.DefaultLogger(io.Discard, egv1a1.LogLevelError)
}

func atoi(text string) int {
	value, err := strconv.Atoi(text)
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
