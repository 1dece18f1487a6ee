// Writes the vectors in src/apimachinery/testdata with the Go libraries that kube-apiserver reads and writes with.
//
// Lines of JSON on stdin ({"op": …, "in": …}) become the same lines with "out" or "error" on stdout, so a file is made
// again from itself: go run . < quantity.jsonl > new.jsonl
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"time"

	crdv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kprotobuf "k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/client-go/kubernetes/scheme"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

type line struct {
	Op     string          `json:"op"`
	In     string          `json:"in"`
	Object json.RawMessage `json:"object,omitempty"`
	With   string          `json:"with,omitempty"`
	Out    any             `json:"out,omitempty"`
	Error  string          `json:"error,omitempty"`
}

var ops = map[string]func(l *line) (any, error){
	"quantity": func(l *line) (any, error) {
		q, err := resource.ParseQuantity(l.In)
		if err != nil {
			return nil, err
		}
		b, err := json.Marshal(q)
		return json.RawMessage(b), err
	},
	"quantity-add": func(l *line) (any, error) {
		a, b := resource.MustParse(l.In), resource.MustParse(l.With)
		sum, diff := a.DeepCopy(), a.DeepCopy()
		sum.Add(b)
		diff.Sub(b)
		return []any{a.Cmp(b), sum.String(), diff.String(), fmt.Sprint(a.Value()), fmt.Sprint(a.MilliValue())}, nil
	},
	"time": func(l *line) (any, error) {
		var t metav1.Time
		b, _ := json.Marshal(l.In)
		if err := t.UnmarshalJSON(b); err != nil {
			return nil, err
		}
		out, err := json.Marshal(t)
		return json.RawMessage(out), err
	},
	"microtime": func(l *line) (any, error) {
		var t metav1.MicroTime
		b, _ := json.Marshal(l.In)
		if err := t.UnmarshalJSON(b); err != nil {
			return nil, err
		}
		out, err := json.Marshal(t)
		return json.RawMessage(out), err
	},
	"duration": func(l *line) (any, error) {
		d, err := time.ParseDuration(l.In)
		return d.String(), err
	},
	"age": func(l *line) (any, error) {
		d, err := time.ParseDuration(l.In)
		return []string{duration.HumanDuration(d), duration.ShortHumanDuration(d)}, err
	},
	"json": func(l *line) (any, error) {
		var v any
		if err := kjson.UnmarshalCaseSensitivePreserveInts([]byte(l.In), &v); err != nil {
			return nil, err
		}
		b, err := json.Marshal(v)
		return string(b), err
	},
	"json-strict": func(l *line) (any, error) {
		v := map[string]any{}
		strict, err := kjson.UnmarshalStrict([]byte(l.In), &v)
		if err != nil {
			return nil, err
		}
		paths := []string{}
		for _, e := range strict {
			paths = append(paths, e.Error())
		}
		return paths, nil
	},
	"yaml": func(l *line) (any, error) {
		b, err := yaml.YAMLToJSON([]byte(l.In))
		if err != nil {
			return nil, err
		}
		return string(b), nil
	},
	"yaml-strict": func(l *line) (any, error) {
		b, err := yaml.YAMLToJSONStrict([]byte(l.In))
		if err != nil {
			return nil, err
		}
		return string(b), nil
	},
	"to-yaml": func(l *line) (any, error) {
		b, err := yaml.JSONToYAML([]byte(l.In))
		return string(b), err
	},
	// object (JSON) → the canonical JSON and the protobuf envelope
	"protobuf": func(l *line) (any, error) {
		obj, gvk, err := scheme.Codecs.UniversalDeserializer().Decode(l.Object, nil, nil)
		if err != nil {
			return nil, err
		}
		s := kprotobuf.NewSerializer(scheme.Scheme, scheme.Scheme)
		obj.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind(*gvk))
		b, err := runtime.Encode(s, obj)
		if err != nil {
			return nil, err
		}
		canonical, err := json.Marshal(obj)
		return map[string]any{"hex": hex.EncodeToString(b), "json": json.RawMessage(canonical)}, err
	},
}

func main() {
	if err := crdv1.AddToScheme(scheme.Scheme); err != nil {
		panic(err)
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for in.Scan() {
		var l line
		if err := json.Unmarshal(in.Bytes(), &l); err != nil {
			panic(err)
		}
		v, err := ops[l.Op](&l)
		if err != nil {
			l.Error = err.Error()
		} else {
			l.Out = v
		}
		if err := enc.Encode(l); err != nil {
			panic(err)
		}
	}
}
