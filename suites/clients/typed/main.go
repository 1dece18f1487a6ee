// A program with client-go's typed clients, which send and read protobuf: of every built-in resource that the server
// names in discovery it creates an object, reads it, lists it, watches it come and go, and deletes it.
//
// Its first argument is a file of objects: a JSON list, each with apiVersion and kind. A resource without a typed client
// or without an object is a failure, so that nothing is left out unseen.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"sort"
	"strings"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	apiextensionsscheme "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset/scheme"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/transport"
	aggregator "k8s.io/kube-aggregator/pkg/client/clientset_generated/clientset"
	aggregatorscheme "k8s.io/kube-aggregator/pkg/client/clientset_generated/clientset/scheme"
)

const namespace = "typed"

// typedClient is the client of one resource, of whatever Go type.
type typedClient struct{ value reflect.Value }

func (c typedClient) call(method string, args ...any) ([]reflect.Value, error) {
	in := make([]reflect.Value, len(args))
	for i, arg := range args {
		in[i] = reflect.ValueOf(arg)
	}
	out := c.value.MethodByName(method).Call(in)
	if last := out[len(out)-1]; !last.IsNil() {
		return out, last.Interface().(error)
	}
	return out, nil
}

func (c typedClient) has(method string) bool { return c.value.MethodByName(method).IsValid() }

// objectType is what its Create takes.
func (c typedClient) objectType() reflect.Type {
	create := c.value.MethodByName("Create").Type()
	for i := 0; i < create.NumIn(); i++ {
		if in := create.In(i); in.Implements(reflect.TypeOf((*runtime.Object)(nil)).Elem()) {
			return in.Elem()
		}
	}
	return nil
}

// typedClients finds the clients of all resources that a clientset has, by kind.
func typedClients(clientset any, kinds *runtime.Scheme, found map[schema.GroupVersionKind]typedClient) {
	set := reflect.ValueOf(clientset)
	for i := 0; i < set.NumMethod(); i++ {
		group := set.Method(i)
		if group.Type().NumIn() != 0 || group.Type().NumOut() != 1 || set.Type().Method(i).Name == "Discovery" {
			continue
		}
		clients := group.Call(nil)[0]
		for j := 0; j < clients.NumMethod(); j++ {
			getter := clients.Method(j)
			args := []reflect.Value{}
			if getter.Type().NumIn() == 1 && getter.Type().In(0).Kind() == reflect.String {
				args = append(args, reflect.ValueOf(namespace))
			} else if getter.Type().NumIn() != 0 {
				continue
			}
			if getter.Type().NumOut() != 1 || getter.Type().Out(0).Kind() != reflect.Interface {
				continue
			}
			if _, ok := getter.Type().Out(0).MethodByName("Create"); !ok {
				continue
			}
			client := typedClient{getter.Call(args)[0]}
			object := reflect.New(client.objectType()).Interface().(runtime.Object)
			gvks, _, err := kinds.ObjectKinds(object)
			check(err == nil, "%T: %v", object, err)
			// a Go type may stand for a kind in one version only, so there is one
			found[gvks[0]] = client
		}
	}
}

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

func readObjects(path string) map[schema.GroupVersionKind]json.RawMessage {
	var list []json.RawMessage
	check(json.Unmarshal(must(os.ReadFile(path)), &list) == nil, "%s is no list", path)
	objects := map[schema.GroupVersionKind]json.RawMessage{}
	for _, raw := range list {
		var typeMeta metav1.TypeMeta
		check(json.Unmarshal(raw, &typeMeta) == nil, "no type in %s", raw)
		objects[schema.FromAPIVersionAndKind(typeMeta.APIVersion, typeMeta.Kind)] = raw
	}
	return objects
}

// counter counts the bodies that were protobuf, in requests and in answers, and those that were not.
type counter struct {
	next                      http.RoundTripper
	sent, received, otherSent atomic.Int64
}

func (c *counter) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		if strings.HasPrefix(request.Header.Get("Content-Type"), runtime.ContentTypeProtobuf) {
			c.sent.Add(1)
		} else {
			c.otherSent.Add(1)
		}
	}
	answer, err := c.next.RoundTrip(request)
	if err == nil && strings.HasPrefix(answer.Header.Get("Content-Type"), runtime.ContentTypeProtobuf) {
		c.received.Add(1)
	}
	return answer, err
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	objects := readObjects(os.Args[1])
	config := must(clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG")))
	config.QPS = -1
	wire := &counter{}
	config.Wrap(transport.WrapperFunc(func(next http.RoundTripper) http.RoundTripper {
		wire.next = next
		return wire
	}))
	asProtobuf := rest.CopyConfig(config)
	asProtobuf.ContentType = runtime.ContentTypeProtobuf
	asProtobuf.AcceptContentTypes = runtime.ContentTypeProtobuf

	typed := must(kubernetes.NewForConfig(asProtobuf))
	clients := map[schema.GroupVersionKind]typedClient{}
	typedClients(typed, scheme.Scheme, clients)
	typedClients(must(apiextensions.NewForConfig(asProtobuf)), apiextensionsscheme.Scheme, clients)
	typedClients(must(aggregator.NewForConfig(asProtobuf)), aggregatorscheme.Scheme, clients)

	setUp(ctx, clients)
	covered, missing := 0, []string{}
	_, lists, err := typed.Discovery().ServerGroupsAndResources()
	check(err == nil, "discovery: %v", err)
	sort.Slice(lists, func(i, j int) bool { return lists[i].GroupVersion < lists[j].GroupVersion })
	for _, list := range lists {
		for _, resource := range list.APIResources {
			verbs := strings.Join(resource.Verbs, " ")
			if strings.Contains(resource.Name, "/") || !strings.Contains(verbs, "create") {
				continue
			}
			gvk := schema.FromAPIVersionAndKind(list.GroupVersion, resource.Kind)
			if gvk.Kind == "Binding" {
				bind(ctx, typed)
				covered++
				continue
			}
			client, isTyped := clients[gvk]
			raw, hasObject := objects[gvk]
			if !isTyped || !hasObject {
				missing = append(missing, fmt.Sprintf("%s (client %v, object %v)", gvk, isTyped, hasObject))
				continue
			}
			exercise(ctx, gvk, client, raw, strings.Contains(verbs, "watch"))
			covered++
		}
	}
	check(len(missing) == 0, "not covered: %s", strings.Join(missing, "; "))
	// updates of objects that a finalizer holds, and DeleteOptions, are protobuf too
	check(wire.otherSent.Load() == 0, "%d bodies were sent in another form", wire.otherSent.Load())
	check(wire.received.Load() > wire.sent.Load(), "%d answers in protobuf for %d bodies", wire.received.Load(), wire.sent.Load())
	fmt.Printf("%d resources, every body in protobuf\nall is well\n", covered)
}

func setUp(ctx context.Context, clients map[schema.GroupVersionKind]typedClient) {
	create := func(kind, object string) {
		_, err := create(ctx, clients[schema.GroupVersionKind{Version: "v1", Kind: kind}], json.RawMessage(object))
		check(err == nil, "%s: %v", kind, err)
	}
	create("Namespace", `{"metadata":{"name":"`+namespace+`"}}`)
	create("Node", `{"metadata":{"name":"bound-to"}}`)
	create("Pod", `{"metadata":{"name":"to-bind"},"spec":{"containers":[{"name":"c","image":"i"}]}}`)
}

// bind uses the one resource that has no client of its own: client-go binds through the pods.
func bind(ctx context.Context, typed kubernetes.Interface) {
	target := corev1.ObjectReference{Kind: "Node", Name: "bound-to"}
	binding := &corev1.Binding{ObjectMeta: metav1.ObjectMeta{Name: "to-bind"}, Target: target}
	check(typed.CoreV1().Pods(namespace).Bind(ctx, binding, metav1.CreateOptions{}) == nil, "the pod was not bound")
	bound := must(typed.CoreV1().Pods(namespace).Get(ctx, "to-bind", metav1.GetOptions{}))
	check(bound.Spec.NodeName == "bound-to", "bound to %q", bound.Spec.NodeName)
	fmt.Println("v1 Binding created")
}

func create(ctx context.Context, client typedClient, raw json.RawMessage) (runtime.Object, error) {
	object := reflect.New(client.objectType()).Interface().(runtime.Object)
	if err := json.Unmarshal(raw, object); err != nil {
		return nil, err
	}
	out, err := client.call("Create", ctx, object, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	return out[0].Interface().(runtime.Object), nil
}

// exercise takes one resource through its life. What cannot be read, such as a review, is only created.
func exercise(ctx context.Context, gvk schema.GroupVersionKind, client typedClient, raw json.RawMessage, readable bool) {
	fail := func(what string, err error) { check(err == nil, "%s: %s: %v", gvk, what, err) }
	if !readable {
		_, err := create(ctx, client, raw)
		fail("create", err)
		fmt.Println(gvk.GroupVersion(), gvk.Kind, "created")
		return
	}
	listed, err := client.call("List", ctx, metav1.ListOptions{})
	fail("list", err)
	list := must(meta.ListAccessor(listed[0].Interface()))
	watched, err := client.call("Watch", ctx, metav1.ListOptions{ResourceVersion: list.GetResourceVersion(), AllowWatchBookmarks: true})
	fail("watch", err)
	watching := watched[0].Interface().(watch.Interface)
	defer watching.Stop()

	made, err := create(ctx, client, raw)
	fail("create", err)
	object := must(meta.Accessor(made))
	name := object.GetName()
	check(name != "" && object.GetUID() != "" && object.GetResourceVersion() != "", "%s: created without identity: %v", gvk, made)
	added := next(ctx, gvk, watching, name, watch.Added)
	check(same(added, made), "%s: the event differs from the answer:\n%s\n%s", gvk, text(added), text(made))

	got, err := client.call("Get", ctx, name, metav1.GetOptions{})
	fail("get", err)
	check(same(got[0].Interface().(runtime.Object), made), "%s: read otherwise than made:\n%s\n%s", gvk, text(got[0].Interface()), text(made))
	listed, err = client.call("List", ctx, metav1.ListOptions{FieldSelector: "metadata.name=" + name})
	fail("list", err)
	items := must(meta.ExtractList(listed[0].Interface().(runtime.Object)))
	check(len(items) == 1 && must(meta.Accessor(items[0])).GetUID() == object.GetUID(), "%s: listed %d of one", gvk, len(items))

	remove(ctx, gvk, client, name)
	next(ctx, gvk, watching, name, watch.Deleted)
	_, err = client.call("Get", ctx, name, metav1.GetOptions{})
	check(apierrors.IsNotFound(err), "%s: still there: %v", gvk, err)
	fmt.Println(gvk.GroupVersion(), gvk.Kind, "created, read, listed, watched, deleted")
}

// remove deletes an object, and takes away the finalizers that hold it: there are no controllers to do that.
func remove(ctx context.Context, gvk schema.GroupVersionKind, client typedClient, name string) {
	fail := func(what string, err error) { check(err == nil, "%s: %s: %v", gvk, what, err) }
	now := int64(0)
	_, err := client.call("Delete", ctx, name, metav1.DeleteOptions{GracePeriodSeconds: &now})
	fail("delete", err)
	got, err := client.call("Get", ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return
	}
	fail("get after delete", err)
	object := got[0].Interface()
	if client.has("Finalize") {
		finalizers := reflect.ValueOf(object).Elem().FieldByName("Spec").FieldByName("Finalizers")
		finalizers.Set(reflect.Zero(finalizers.Type()))
		_, err = client.call("Finalize", ctx, object, metav1.UpdateOptions{})
		fail("finalize", err)
		return
	}
	must(meta.Accessor(object)).SetFinalizers(nil)
	_, err = client.call("Update", ctx, object, metav1.UpdateOptions{})
	// the server's own controller may have been quicker
	if !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		fail("update", err)
	}
}

// next waits for an event of an object; others, and changes on the way to it, are passed over.
func next(ctx context.Context, gvk schema.GroupVersionKind, watching watch.Interface, name string, wanted watch.EventType) runtime.Object {
	for {
		select {
		case event, open := <-watching.ResultChan():
			check(open, "%s: the watch ended before %s", gvk, wanted)
			check(event.Type != watch.Error, "%s: the watch failed: %v", gvk, event.Object)
			if event.Type == wanted && must(meta.Accessor(event.Object)).GetName() == name {
				return event.Object
			}
		case <-ctx.Done():
			check(false, "%s: no event %s", gvk, wanted)
		}
	}
}

// same compares two objects by all that they say, without the changes that the server itself may make meanwhile.
func same(a, b runtime.Object) bool { return bytes.Equal(text(a), text(b)) }

func text(object any) []byte {
	copied := object.(runtime.Object).DeepCopyObject()
	copied.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
	accessor := must(meta.Accessor(copied))
	accessor.SetManagedFields(nil)
	accessor.SetResourceVersion("")
	encoded := map[string]any{}
	check(json.Unmarshal(must(json.Marshal(copied)), &encoded) == nil, "not an object: %v", object)
	delete(encoded, "status")
	return must(json.Marshal(encoded))
}
