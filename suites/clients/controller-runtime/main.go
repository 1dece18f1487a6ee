// A program with controller-runtime: its webhook server defaults, validates and converts custom resources, which its
// client writes and its cache reads; a controller follows them.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/go-logr/logr"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
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

func succeed(err error, what string) { check(err == nil, "%s: %v", what, err) }

// policy is what the webhooks do: a class is filled in, and no widget may have more than ten replicas.
type policy struct{}

func (policy) Default(_ context.Context, widget *Widget) error {
	if widget.Spec.Class == "" {
		widget.Spec.Class = "standard"
	}
	return nil
}

func (policy) ValidateCreate(_ context.Context, widget *Widget) (admission.Warnings, error) {
	return judge(widget)
}

func (policy) ValidateUpdate(_ context.Context, before, widget *Widget) (admission.Warnings, error) {
	if before.Spec.Class != widget.Spec.Class {
		return nil, fmt.Errorf("the class of a widget stays")
	}
	return judge(widget)
}

func (policy) ValidateDelete(_ context.Context, widget *Widget) (admission.Warnings, error) {
	if widget.Labels["keep"] != "" {
		return nil, fmt.Errorf("it is to be kept")
	}
	return nil, nil
}

func judge(widget *Widget) (admission.Warnings, error) {
	if widget.Spec.Replicas > 10 {
		return nil, fmt.Errorf("%d replicas are too many", widget.Spec.Replicas)
	}
	if widget.Spec.Replicas > 5 {
		return admission.Warnings{"that is a lot of replicas"}, nil
	}
	return nil, nil
}

// warnings gathers what the server warns of.
type warnings struct{ texts []string }

func (w *warnings) HandleWarningHeaderWithContext(_ context.Context, _ int, _ string, text string) {
	w.texts = append(w.texts, text)
}

func main() {
	log.SetLogger(logr.Discard())
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	config := must(clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG")))
	heard := &warnings{}
	config.WarningHandlerWithContext = heard
	succeed(apiextensions.AddToScheme(scheme.Scheme), "scheme")
	addTypes(scheme.Scheme)

	dir := must(os.MkdirTemp("", "webhooks"))
	defer os.RemoveAll(dir)
	certificate := writeCertificate(dir)
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	port := listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	address := fmt.Sprintf("https://127.0.0.1:%d", port)

	direct := must(client.New(config, client.Options{Scheme: scheme.Scheme}))
	define(ctx, direct, address, certificate)
	manager := must(ctrl.NewManager(config, ctrl.Options{
		Scheme:        scheme.Scheme,
		Metrics:       metricsserver.Options{BindAddress: "0"},
		WebhookServer: webhook.NewServer(webhook.Options{Host: "127.0.0.1", Port: port, CertDir: dir}),
	}))
	hooks := ctrl.NewWebhookManagedBy(manager, &Widget{}).WithDefaulter(policy{}).WithValidator(policy{})
	succeed(hooks.Complete(), "webhooks")
	reconciled := make(chan string, 100)
	succeed(ctrl.NewControllerManagedBy(manager).For(&Widget{}).Complete(follow(manager.GetClient(), reconciled)), "controller")
	stopped := make(chan error, 1)
	go func() { stopped <- manager.Start(ctx) }()
	check(manager.GetCache().WaitForCacheSync(ctx), "the cache did not sync")

	admissionStory(ctx, direct, heard)
	conversionStory(ctx, direct)
	select {
	case told := <-reconciled:
		fmt.Println("the controller saw", told)
	case <-ctx.Done():
		check(false, "the controller saw nothing")
	}
	cancel()
	succeed(<-stopped, "the manager")
	fmt.Println("all is well")
}

// follow tells of the first widget that a reconciler finds.
func follow(reader client.Reader, told chan<- string) reconcileFunc {
	return func(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
		widget := &Widget{}
		if err := reader.Get(ctx, request.NamespacedName, widget); err != nil {
			return ctrl.Result{}, client.IgnoreNotFound(err)
		}
		select {
		case told <- fmt.Sprintf("%s with class %s", widget.Name, widget.Spec.Class):
		default:
		}
		return ctrl.Result{}, nil
	}
}

type reconcileFunc func(context.Context, ctrl.Request) (ctrl.Result, error)

func (f reconcileFunc) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	return f(ctx, request)
}

// define makes the definition with its conversion webhook, and registers the admission webhooks.
func define(ctx context.Context, direct client.Client, address string, certificate []byte) {
	text := func(value string) *string { return &value }
	version := func(name string, storage bool, field, kind string) apiextensions.CustomResourceDefinitionVersion {
		spec := map[string]apiextensions.JSONSchemaProps{field: {Type: kind}}
		if storage {
			spec["class"] = apiextensions.JSONSchemaProps{Type: "string"}
		}
		schema := &apiextensions.JSONSchemaProps{Type: "object", Properties: map[string]apiextensions.JSONSchemaProps{
			"spec": {Type: "object", Properties: spec},
		}}
		return apiextensions.CustomResourceDefinitionVersion{Name: name, Served: true, Storage: storage,
			Schema: &apiextensions.CustomResourceValidation{OpenAPIV3Schema: schema}}
	}
	definition := &apiextensions.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "widgets." + newVersion.Group},
		Spec: apiextensions.CustomResourceDefinitionSpec{
			Group: newVersion.Group,
			Scope: apiextensions.NamespaceScoped,
			Names: apiextensions.CustomResourceDefinitionNames{Plural: "widgets", Kind: "Widget"},
			Versions: []apiextensions.CustomResourceDefinitionVersion{
				version("v1", false, "size", "string"),
				version("v2", true, "replicas", "integer"),
			},
			Conversion: &apiextensions.CustomResourceConversion{
				Strategy: apiextensions.WebhookConverter,
				Webhook: &apiextensions.WebhookConversion{
					ClientConfig:             &apiextensions.WebhookClientConfig{URL: text(address + "/convert"), CABundle: certificate},
					ConversionReviewVersions: []string{"v1"},
				},
			},
		},
	}
	succeed(direct.Create(ctx, definition), "definition")
	established := func() bool {
		succeed(direct.Get(ctx, client.ObjectKeyFromObject(definition), definition), "definition")
		for _, condition := range definition.Status.Conditions {
			if condition.Type == apiextensions.Established && condition.Status == apiextensions.ConditionTrue {
				return true
			}
		}
		return false
	}
	for !established() {
		time.Sleep(50 * time.Millisecond)
	}
	rules := []admissionv1.RuleWithOperations{{
		Operations: []admissionv1.OperationType{"CREATE", "UPDATE", "DELETE"},
		Rule:       admissionv1.Rule{APIGroups: []string{newVersion.Group}, APIVersions: []string{"v2"}, Resources: []string{"widgets"}},
	}}
	none := admissionv1.SideEffectClassNone
	// the double slash is what test set-ups send
	clientConfig := func(verb string) admissionv1.WebhookClientConfig {
		path := "//" + verb + "-webhooks-example-com-v2-widget"
		return admissionv1.WebhookClientConfig{URL: text(address + path), CABundle: certificate}
	}
	succeed(direct.Create(ctx, &admissionv1.MutatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "widgets"},
		Webhooks: []admissionv1.MutatingWebhook{{Name: "defaults.webhooks.example.com", ClientConfig: clientConfig("mutate"),
			Rules: rules, SideEffects: &none, AdmissionReviewVersions: []string{"v1"}}},
	}), "mutating webhook")
	succeed(direct.Create(ctx, &admissionv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "widgets"},
		Webhooks: []admissionv1.ValidatingWebhook{{Name: "limits.webhooks.example.com", ClientConfig: clientConfig("validate"),
			Rules: rules, SideEffects: &none, AdmissionReviewVersions: []string{"v1"}}},
	}), "validating webhook")
}

func widget(name string, replicas int64) *Widget {
	return &Widget{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default"}, Spec: WidgetSpec{Replicas: replicas}}
}

func admissionStory(ctx context.Context, direct client.Client, heard *warnings) {
	one := widget("one", 3)
	// the server may take a moment to hear of the webhooks
	for tries := 0; ; tries++ {
		err := direct.Create(ctx, one)
		if err == nil && one.Spec.Class == "standard" {
			break
		}
		check(tries < 300, "never defaulted: %v %v", one.Spec, err)
		if err == nil {
			succeed(direct.Delete(ctx, one), "delete")
			one = widget("one", 3)
		}
		time.Sleep(100 * time.Millisecond)
	}
	fmt.Println("created, with the default class", one.Spec.Class)

	err := direct.Create(ctx, widget("many", 11))
	want := `admission webhook "limits.webhooks.example.com" denied the request: 11 replicas are too many`
	check(apierrors.IsForbidden(err) && err.Error() == want, "denied: %v", err)
	fmt.Println(err)

	succeed(direct.Create(ctx, widget("some", 6), client.DryRunAll), "dry run")
	check(strings.Join(heard.texts, "; ") == "that is a lot of replicas", "warnings: %v", heard.texts)
	check(apierrors.IsNotFound(direct.Get(ctx, types.NamespacedName{Namespace: "default", Name: "some"}, &Widget{})), "a dry run made a widget")
	fmt.Println("a dry run, with the warning:", heard.texts[0])

	err = direct.Patch(ctx, one, client.RawPatch(types.MergePatchType, []byte(`{"spec":{"class":"gold"}}`)))
	check(apierrors.IsForbidden(err) && strings.HasSuffix(err.Error(), "the class of a widget stays"), "patched: %v", err)
	fmt.Println(err)

	succeed(direct.Patch(ctx, one, client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"labels":{"keep":"yes"}}}`))), "label")
	err = direct.Delete(ctx, one)
	check(apierrors.IsForbidden(err) && strings.HasSuffix(err.Error(), "it is to be kept"), "deleted: %v", err)
	fmt.Println(err)
}

func conversionStory(ctx context.Context, direct client.Client) {
	old := &WidgetV1{}
	succeed(direct.Get(ctx, types.NamespacedName{Namespace: "default", Name: "one"}, old), "get in the old version")
	check(old.Spec.Size == "3", "converted to %q", old.Spec.Size)

	two := &WidgetV1{ObjectMeta: metav1.ObjectMeta{Name: "two", Namespace: "default"}, Spec: WidgetV1Spec{Size: "4"}}
	succeed(direct.Create(ctx, two), "create in the old version")
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(newVersion.WithKind("WidgetList"))
	succeed(direct.List(ctx, list), "list in the new version")
	sizes := []string{}
	for _, item := range list.Items {
		replicas, _, _ := unstructured.NestedInt64(item.Object, "spec", "replicas")
		sizes = append(sizes, fmt.Sprintf("%s=%d", item.GetName(), replicas))
	}
	check(strings.Join(sizes, " ") == "one=3 two=4", "listed: %v", sizes)
	fmt.Println("converted both ways:", strings.Join(sizes, " "))

	bad := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"size": "few"}}}
	bad.SetGroupVersionKind(oldVersion.WithKind("Widget"))
	bad.SetName("bad")
	bad.SetNamespace("default")
	err := direct.Create(ctx, bad)
	check(err != nil && strings.Contains(err.Error(), `size "few" is no number`), "converted: %v", err)
	fmt.Println(err)

	config, err := runtime.DefaultUnstructuredConverter.ToUnstructured(widget("three", 2))
	succeed(err, "to unstructured")
	applied := &unstructured.Unstructured{Object: config}
	applied.SetGroupVersionKind(newVersion.WithKind("Widget"))
	unstructured.RemoveNestedField(applied.Object, "metadata", "creationTimestamp")
	succeed(direct.Apply(ctx, client.ApplyConfigurationFromUnstructured(applied), client.FieldOwner("story")), "apply")
	class, _, _ := unstructured.NestedString(applied.Object, "spec", "class")
	check(class == "standard", "applied: %v", applied.Object)
	fmt.Println("applied, and defaulted by the webhook")
}
