// The controller of bench/controller.mjs on controller-runtime: reads a Web from the cache and applies the ConfigMap that
// it owns. Says "ready" when it has begun, and how long keys waited in its queue when it ends.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

var version = schema.GroupVersion{Group: "example.com", Version: "v1"}

type webSpec struct {
	Value string `json:"value,omitempty"`
}

// Web is the kind that is reconciled.
type Web struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              webSpec `json:"spec,omitempty"`
}

// DeepCopyObject makes it a runtime.Object.
func (w *Web) DeepCopyObject() runtime.Object {
	out := &Web{TypeMeta: w.TypeMeta, Spec: w.Spec}
	w.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	return out
}

// WebList is a list of them.
type WebList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Web `json:"items"`
}

// DeepCopyObject makes it a runtime.Object.
func (l *WebList) DeepCopyObject() runtime.Object {
	out := &WebList{TypeMeta: l.TypeMeta}
	l.ListMeta.DeepCopyInto(&out.ListMeta)
	for i := range l.Items {
		out.Items = append(out.Items, *l.Items[i].DeepCopyObject().(*Web))
	}
	return out
}

type reconciler struct {
	client client.Client
	mu     sync.Mutex
	took   []float64
}

func (r *reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	began := time.Now()
	var web Web
	if err := r.client.Get(ctx, req.NamespacedName, &web); err != nil {
		if errors.IsNotFound(err) {
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, err
	}
	owner := metav1ac.OwnerReference().WithAPIVersion("example.com/v1").WithKind("Web").WithName(web.Name).
		WithUID(web.UID).WithController(true).WithBlockOwnerDeletion(true)
	page := corev1ac.ConfigMap(web.Name, web.Namespace).WithOwnerReferences(owner).
		WithData(map[string]string{"value": web.Spec.Value})
	err := r.client.Apply(ctx, page, client.FieldOwner("web"), client.ForceOwnership)
	r.mu.Lock()
	r.took = append(r.took, float64(time.Since(began).Microseconds())/1000)
	r.mu.Unlock()
	return ctrl.Result{}, err
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	scheme := runtime.NewScheme()
	must(clientgoscheme.AddToScheme(scheme))
	scheme.AddKnownTypes(version, &Web{}, &WebList{})
	metav1.AddToGroupVersion(scheme, version)
	workers, err := strconv.Atoi(os.Getenv("BENCH_WORKERS"))
	must(err)
	config := &rest.Config{
		Host:            os.Getenv("BENCH_URL"),
		BearerToken:     os.Getenv("BENCH_TOKEN"),
		TLSClientConfig: rest.TLSClientConfig{CAData: []byte(os.Getenv("BENCH_CA"))},
		QPS:             -1,
	}
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:                 scheme,
		Metrics:                server.Options{BindAddress: "0"},
		HealthProbeBindAddress: "0",
	})
	must(err)
	r := &reconciler{client: manager.GetClient()}
	must(ctrl.NewControllerManagedBy(manager).Named("web").For(&Web{}).Owns(&corev1.ConfigMap{}).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).Complete(r))
	fmt.Println("ready")
	must(manager.Start(ctrl.SetupSignalHandler()))
	report(r)
}

// report tells how many reconciles there were and how long they took, and how long keys waited in the queue: the upper
// bound of the bucket of the histogram.
func report(r *reconciler) {
	sort.Float64s(r.took)
	out := map[string]any{"reconciles": len(r.took)}
	if len(r.took) > 0 {
		out["tookMs"] = []float64{r.took[len(r.took)/2], r.took[len(r.took)*99/100]}
	}
	families, err := metrics.Registry.Gather()
	must(err)
	for _, family := range families {
		if family.GetName() != "workqueue_queue_duration_seconds" {
			continue
		}
		for _, metric := range family.GetMetric() {
			histogram := metric.GetHistogram()
			for _, quantile := range []float64{0.5, 0.99} {
				for _, bucket := range histogram.GetBucket() {
					if float64(bucket.GetCumulativeCount()) >= quantile*float64(histogram.GetSampleCount()) {
						out[fmt.Sprintf("queue%g", quantile*100)] = bucket.GetUpperBound() * 1000
						break
					}
				}
			}
		}
	}
	must(json.NewEncoder(os.Stdout).Encode(out))
}
