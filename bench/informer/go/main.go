// The cache of controller-runtime, in a process of its own: see ../../informer.mjs.
package main

import (
	"context"
	"encoding/json"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
)

func main() {
	var server struct{ URL, Token, CA string }
	must(json.Unmarshal([]byte(os.Getenv("SERVER")), &server))
	changes, _ := strconv.Atoi(os.Getenv("CHANGES"))
	began := time.Now()
	config := &rest.Config{Host: server.URL, BearerToken: server.Token}
	config.CAData = []byte(server.CA)
	ctx := context.Background()
	pods, err := cache.New(config, cache.Options{})
	must(err)
	informer, err := pods.GetInformer(ctx, &corev1.Pod{}, cache.BlockUntilSynced(false))
	must(err)
	var heard atomic.Int64
	done := make(chan struct{})
	_, err = informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{UpdateFunc: func(_, _ any) {
		if heard.Add(1) == int64(changes) {
			close(done)
		}
	}})
	must(err)
	go func() { must(pods.Start(ctx)) }()
	pods.WaitForCacheSync(ctx)
	var list corev1.PodList
	must(pods.List(ctx, &list))
	objects, syncMs, cpuMs := len(list.Items), ms(time.Since(began)), cpu()
	list = corev1.PodList{}
	runtime.GC()
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	say(map[string]any{"objects": objects, "syncMs": syncMs, "cpuMs": cpuMs,
		"heapMb": float64(memory.HeapAlloc) / (1 << 20), "rssMb": rss()})
	before := cpu()
	<-done
	say(map[string]any{"changesCpuMs": cpu() - before})
	select {}
}

func cpu() float64 {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return ms(time.Duration(usage.Utime.Nano() + usage.Stime.Nano()))
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func rss() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(status), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
			kb, _ := strconv.ParseFloat(fields[1], 64)
			return kb / 1024
		}
	}
	return 0
}

func say(figures map[string]any) {
	must(json.NewEncoder(os.Stdout).Encode(figures))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
