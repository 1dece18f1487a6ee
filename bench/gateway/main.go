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

	egv1a1 "github.com/envoyproxy/gateway/api/v1alpha1"
	"github.com/envoyproxy/gateway/internal/gatewayapi"
	"github.com/envoyproxy/gateway/internal/gatewayapi/resource"
	"github.com/envoyproxy/gateway/internal/logging"
	"github.com/envoyproxy/gateway/internal/xds/cache"
	"github.com/envoyproxy/gateway/internal/xds/translator"
	gwapiv1 "sigs.k8s.io/gateway-api/apis/v1"
)

type result struct {
	Ms        []float64 `json:"ms"`
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
		told.Resources = translate(resources, snapshots)
		told.Ms = append(told.Ms, float64(time.Since(begin).Microseconds())/1000)
	}
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	told.HeapMiB = float64(memory.HeapAlloc) / (1 << 20)
	check(json.NewEncoder(os.Stdout).Encode(told))
	runtime.KeepAlive(snapshots)
}

func translate(resources *resource.Resources, snapshots cache.SnapshotCacheWithCallbacks) int {
	toIR := &gatewayapi.Translator{
		GatewayControllerName: string(resources.GatewayClass.Spec.ControllerName),
		GatewayClassName:      gwapiv1.ObjectName(resources.GatewayClass.Name),
		ControllerNamespace:   "envoy-gateway-system",
		Logger:                logger(),
	}
	ir, err := toIR.Translate(context.Background(), resources)
	check(err)
	count := 0
	for key, xds := range ir.XdsIR {
		toXds := &translator.Translator{Logger: logger()}
		table, err := toXds.Translate(context.Background(), xds)
		check(err)
		for _, list := range table.XdsResources {
			count += len(list)
		}
		check(snapshots.GenerateNewSnapshot(key, table.XdsResources, context.Background()))
	}
	return count
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
