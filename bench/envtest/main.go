// A suite of envtest that is only its frame: it starts the control plane that KUBEBUILDER_ASSETS has, asks it for something,
// and stops it with watches open. It tells on standard output, a line of JSON each, when it has started and when it has
// stopped, and goes on at each line on standard input.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

const watches = 20

func main() {
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	env := &envtest.Environment{}
	began := time.Now()
	config, err := env.Start()
	check(err)
	started := time.Now()
	c, err := client.NewWithWatch(config, client.Options{})
	check(err)
	check(c.List(context.Background(), &corev1.NamespaceList{}))
	tell(map[string]float64{"startMs": ms(began, started), "firstMs": ms(began, time.Now())})
	input := bufio.NewReader(os.Stdin)
	_, _ = input.ReadString('\n')
	open(config)
	began = time.Now()
	err = env.Stop()
	tell(map[string]any{"stopMs": ms(began, time.Now()), "failed": err != nil})
}

// open begins watches, each with a client of its own, and reads the first event of each.
func open(config *rest.Config) {
	for range watches {
		c, err := client.NewWithWatch(rest.CopyConfig(config), client.Options{})
		check(err)
		w, err := c.Watch(context.Background(), &corev1.NamespaceList{})
		check(err)
		<-w.ResultChan()
	}
}

func ms(from, to time.Time) float64 { return float64(to.Sub(from).Microseconds()) / 1000 }

func tell(what any) {
	text, err := json.Marshal(what)
	check(err)
	fmt.Println(string(text))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
