// A program with client-go: the typed client, which sends protobuf, the dynamic client, and an informer.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

const namespace = "client-go"

var (
	configMaps  = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
	deployments = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
)

func check(ok bool, what string, args ...any) {
	if !ok {
		fmt.Printf("failed: "+what+"\n", args...)
		os.Exit(1)
	}
}

func must[T any](value T, err error) T {
	check(err == nil, "%v", err)
	return value
}

// seen gathers what an informer tells.
type seen struct {
	sync.Mutex
	events []string
}

func (s *seen) add(event string, object any) {
	if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = gone.Obj
	}
	s.Lock()
	defer s.Unlock()
	s.events = append(s.events, event+" "+object.(*unstructured.Unstructured).GetName())
}

func (s *seen) String() string {
	s.Lock()
	defer s.Unlock()
	return strings.Join(s.events, ", ")
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	config := must(clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG")))
	objects := must(dynamic.NewForConfig(config))
	config.ContentType = "application/vnd.kubernetes.protobuf"
	config.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	typed := must(kubernetes.NewForConfig(config))

	fmt.Println("server", must(typed.Discovery().ServerVersion()).GitVersion)
	namespaced := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	must(typed.CoreV1().Namespaces().Create(ctx, namespaced, metav1.CreateOptions{}))

	told := &seen{}
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(objects, 0, namespace, func(o *metav1.ListOptions) {
		o.LabelSelector = "app=web"
	})
	informer := factory.ForResource(configMaps).Informer()
	must(informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { told.add("add", object) },
		UpdateFunc: func(_, object any) { told.add("update", object) },
		DeleteFunc: func(object any) { told.add("delete", object) },
	}))
	factory.Start(ctx.Done())
	check(cache.WaitForCacheSync(ctx.Done(), informer.HasSynced), "the informer did not sync")

	maps := objects.Resource(configMaps).Namespace(namespace)
	made := must(maps.Create(ctx, configMap("1"), metav1.CreateOptions{}))
	must(maps.Update(ctx, withData(made, "2"), metav1.UpdateOptions{}))
	_, err := maps.Update(ctx, withData(made, "3"), metav1.UpdateOptions{})
	check(apierrors.IsConflict(err), "a stale update: %v", err)
	fmt.Println("a stale update is a conflict")

	patched := must(maps.Patch(ctx, "web", types.MergePatchType, []byte(`{"data":{"a":"3"}}`), metav1.PatchOptions{}))
	value, _, _ := unstructured.NestedString(patched.Object, "data", "a")
	check(value == "3", "patched to %q", value)
	fmt.Println("a merge patch is applied")

	applies(ctx, objects, typed)
	protobuf(ctx, typed)

	check(maps.Delete(ctx, "web", metav1.DeleteOptions{}) == nil, "it was not deleted")
	want := "add web, update web, update web, delete web"
	for ctx.Err() == nil && told.String() != want {
		time.Sleep(25 * time.Millisecond)
	}
	check(told.String() == want, "the informer saw: %s", told)
	fmt.Println("the informer saw:", told)
	check(typed.CoreV1().Namespaces().Delete(ctx, namespace, metav1.DeleteOptions{}) == nil, "the namespace was not deleted")
	fmt.Println("all is well")
}

func configMap(value string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1",
		"kind":       "ConfigMap",
		"metadata":   map[string]any{"name": "web", "labels": map[string]any{"app": "web"}},
		"data":       map[string]any{"a": value},
	}}
}

func withData(object *unstructured.Unstructured, value string) *unstructured.Unstructured {
	copied := object.DeepCopy()
	check(unstructured.SetNestedField(copied.Object, value, "data", "a") == nil, "data cannot be set")
	return copied
}

func deployment(replicas int64) *unstructured.Unstructured {
	labels := map[string]any{"app": "web"}
	container := map[string]any{"name": "web", "image": "nginx:1.29"}
	template := map[string]any{
		"metadata": map[string]any{"labels": labels},
		"spec":     map[string]any{"containers": []any{container}},
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apps/v1",
		"kind":       "Deployment",
		"metadata":   map[string]any{"name": "web"},
		"spec": map[string]any{
			"replicas": replicas,
			"selector": map[string]any{"matchLabels": labels},
			"template": template,
		},
	}}
}

// applies shows server-side apply by two managers, and the typed view of its result.
func applies(ctx context.Context, objects dynamic.Interface, typed kubernetes.Interface) {
	of := objects.Resource(deployments).Namespace(namespace)
	must(of.Apply(ctx, "web", deployment(2), metav1.ApplyOptions{FieldManager: "one"}))
	_, err := of.Apply(ctx, "web", deployment(5), metav1.ApplyOptions{FieldManager: "two"})
	check(apierrors.IsConflict(err), "the second manager: %v", err)
	causes := err.(apierrors.APIStatus).Status().Details.Causes
	check(len(causes) == 1 && causes[0].Field == ".spec.replicas", "causes: %v", causes)
	forced := must(of.Apply(ctx, "web", deployment(5), metav1.ApplyOptions{FieldManager: "two", Force: true}))
	check(len(forced.GetManagedFields()) == 2, "managers: %v", forced.GetManagedFields())

	read := must(typed.AppsV1().Deployments(namespace).Get(ctx, "web", metav1.GetOptions{}))
	check(*read.Spec.Replicas == 5 && read.Spec.Strategy.Type == appsv1.RollingUpdateDeploymentStrategyType, "read: %v", read.Spec)
	fmt.Println("server-side apply, its conflict, and force")
}

// protobuf shows the typed client, whose bodies are protobuf in both directions.
func protobuf(ctx context.Context, typed kubernetes.Interface) {
	pods := typed.CoreV1().Pods(namespace)
	grace := int64(0)
	spec := corev1.PodSpec{
		TerminationGracePeriodSeconds: &grace,
		Containers:                    []corev1.Container{{Name: "web", Image: "nginx:1.29"}},
	}
	made := must(pods.Create(ctx, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{GenerateName: "web-"}, Spec: spec}, metav1.CreateOptions{}))
	check(made.Spec.DNSPolicy == corev1.DNSClusterFirst && made.Status.Phase == corev1.PodPending, "made: %v", made)
	_, err := pods.Create(ctx, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "bad"}}, metav1.CreateOptions{})
	check(apierrors.IsInvalid(err), "a pod without containers: %v", err)
	list := must(pods.List(ctx, metav1.ListOptions{}))
	check(len(list.Items) == 1 && list.Items[0].Name == made.Name, "listed: %v", list)
	check(pods.Delete(ctx, made.Name, metav1.DeleteOptions{}) == nil, "it was not deleted")
	fmt.Println("pods in protobuf: created, refused, listed, deleted")
}
