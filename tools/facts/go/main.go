// Command facts writes the Go types of the built-in Kubernetes kinds as JSON, by reflection: what a struct's fields are
// called in JSON, in the order in which encoding/json writes them, their Go types, their protobuf numbers, and which are
// left out when empty. It takes the discovery facts, which name the served group versions:
//
//	go run . ../../../src/api/facts/discovery-facts.json > ../../../src/api/facts/go-types.json
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	admission "k8s.io/api/admission/v1"
	apidiscovery "k8s.io/api/apidiscovery/v2"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1beta1 "k8s.io/apimachinery/pkg/apis/meta/v1beta1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	audit "k8s.io/apiserver/pkg/apis/audit/v1"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// facts is the file that is written.
type facts struct {
	Note       string `json:"note"`
	Kubernetes string `json:"kubernetes"`
	// Kinds maps "apiVersion/Kind" to the name of its struct.
	Kinds map[string]string `json:"kinds"`
	// Structs maps the name of a struct to its fields.
	Structs map[string][]string `json:"structs"`
	// Named maps other named types to what they are.
	Named map[string]string `json:"named"`
	// Custom maps types with a JSON form of their own to the fields of their protobuf message.
	Custom map[string][]string `json:"custom"`
}

const note = `structs: "json type number flags" a field in Go's order; number: protobuf, 0 where it has none; flags: ` +
	`e omitempty, z omitzero, "/strategies/key" of strategic merge patch; "~Name type number": an embedded struct whose fields are written in its place. ` +
	`custom: types with a JSON form of their own, and the fields of their protobuf message as Go names them`

var out = facts{Note: note, Kinds: map[string]string{}, Structs: map[string][]string{}, Named: map[string]string{},
	Custom: map[string][]string{}}

func main() {
	if len(os.Args) != 2 {
		fail("usage: facts DISCOVERY-FACTS")
	}
	served := readServed(os.Args[1])
	s := scheme.Scheme
	must(apiextensions.AddToScheme(s))
	must(apiregistration.AddToScheme(s))
	must(admission.AddToScheme(s))
	must(apidiscovery.AddToScheme(s))
	must(audit.AddToScheme(s))
	must(meta.AddMetaToScheme(s))
	must(metav1beta1.AddMetaToScheme(s))
	for gvk, t := range s.AllKnownTypes() {
		if served[gvk.GroupVersion()] && gvk.Version != runtime.APIVersionInternal {
			out.Kinds[gvk.GroupVersion().String()+"/"+gvk.Kind] = nameOf(t)
			visit(t)
		}
	}
	write()
}

// readServed gives the group versions whose kinds are wanted: those that discovery lists, and those of bodies that the
// server itself sends or answers with.
func readServed(path string) map[schema.GroupVersion]bool {
	var discovery struct {
		Kubernetes string
		Groups     []struct {
			Group    string
			Versions []struct{ Version string }
		}
	}
	text, err := os.ReadFile(path)
	must(err)
	must(json.Unmarshal(text, &discovery))
	out.Kubernetes = discovery.Kubernetes
	served := map[schema.GroupVersion]bool{
		admission.SchemeGroupVersion:          true,
		apidiscovery.SchemeGroupVersion:       true,
		audit.SchemeGroupVersion:              true,
		{Group: "meta.k8s.io", Version: "v1"}: true,
		metav1beta1.SchemeGroupVersion:        true,
	}
	for _, g := range discovery.Groups {
		for _, v := range g.Versions {
			served[schema.GroupVersion{Group: g.Group, Version: v.Version}] = true
		}
	}
	return served
}

// nameOf is the short name by which the facts know a type: its package without the common prefixes, and its name.
func nameOf(t reflect.Type) string {
	path := t.PkgPath()
	for _, prefix := range []string{"k8s.io/api/", "k8s.io/apimachinery/pkg/apis/", "k8s.io/apimachinery/pkg/util/",
		"k8s.io/apimachinery/pkg/api/", "k8s.io/apimachinery/pkg/", "k8s.io/apiextensions-apiserver/pkg/apis/",
		"k8s.io/kube-aggregator/pkg/apis/", "k8s.io/apiserver/pkg/apis/"} {
		if strings.HasPrefix(path, prefix) {
			path = strings.TrimPrefix(path, prefix)
			break
		}
	}
	return path + "." + t.Name()
}

// expression spells a type as Go does, with the short names, and visits what it mentions.
func expression(t reflect.Type) string {
	if t.PkgPath() != "" {
		visit(t)
		return nameOf(t)
	}
	return unnamed(t)
}

func unnamed(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + expression(t.Elem())
	case reflect.Slice:
		return "[]" + expression(t.Elem())
	case reflect.Map:
		return "map[" + expression(t.Key()) + "]" + expression(t.Elem())
	case reflect.Interface:
		return "any"
	case reflect.Struct:
		fail("a struct without a name")
	}
	return t.Kind().String()
}

var seen = map[string]bool{}

var marshaler = reflect.TypeFor[json.Marshaler]()

func visit(t reflect.Type) {
	name := nameOf(t)
	if seen[name] {
		return
	}
	seen[name] = true
	switch {
	case t.Kind() == reflect.Interface:
		out.Named[name] = "any"
	case t.Kind() != reflect.Struct:
		out.Named[name] = unnamed(t)
	case t.Implements(marshaler) || reflect.PointerTo(t).Implements(marshaler):
		out.Custom[name] = messageFields(t)
	default:
		out.Structs[name] = structFields(t)
	}
}

// messageFields gives the fields with a protobuf number, of a struct whose JSON form does not show them.
func messageFields(t reflect.Type) []string {
	fields := []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		if tag := strings.Split(f.Tag.Get("protobuf"), ","); f.IsExported() && len(tag) > 1 {
			fields = append(fields, fmt.Sprintf("%s %s %s", f.Name, expression(f.Type), tag[1]))
		}
	}
	return fields
}

func structFields(t reflect.Type) []string {
	fields := []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		if line := describe(f); f.IsExported() && line != "" {
			fields = append(fields, line)
		}
	}
	return fields
}

// describe gives the line of a field; an empty one when JSON does not show it.
func describe(f reflect.StructField) string {
	parts := strings.Split(f.Tag.Get("json"), ",")
	if parts[0] == "-" || !f.IsExported() {
		return ""
	}
	number := "0"
	if tag := strings.Split(f.Tag.Get("protobuf"), ","); len(tag) > 1 {
		number = tag[1]
	}
	name, flags := parts[0], ""
	for _, option := range parts[1:] {
		switch option {
		case "omitempty":
			flags += "e"
		case "omitzero":
			flags += "z"
		case "inline":
		case "string":
			fail("a quoted field: " + f.Name)
		}
	}
	if name == "" && f.Anonymous {
		name = "~" + f.Name
		flags = ""
	} else if name == "" {
		name = f.Name
	}
	if strategy := f.Tag.Get("patchStrategy"); strategy != "" {
		flags += "/" + strategy + "/" + f.Tag.Get("patchMergeKey")
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %s", name, expression(f.Type), number, flags))
}

// write prints the facts, sorted, a struct a line.
func write() {
	fmt.Printf("{\n\"note\": %s,\n\"kubernetes\": %s,\n", quoted(out.Note), quoted(out.Kubernetes))
	printMap("kinds", out.Kinds, ",")
	printMap("named", out.Named, ",")
	printMap("custom", out.Custom, ",")
	printMap("structs", out.Structs, "")
	fmt.Println("}")
}

func printMap[V any](title string, m map[string]V, end string) {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	fmt.Printf("%s: {\n", quoted(title))
	for i, k := range keys {
		comma := ","
		if i == len(keys)-1 {
			comma = ""
		}
		fmt.Printf("%s: %s%s\n", quoted(k), quoted(m[k]), comma)
	}
	fmt.Printf("}%s\n", end)
}

func quoted(v any) string {
	text, err := json.Marshal(v)
	must(err)
	return string(text)
}

func must(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "facts:", message)
	os.Exit(1)
}
