// Command decode records what Go makes of the bodies in src/api/testdata/decode.jsonl: one case a line, of which `name`,
// `type` (apiVersion/Kind) and `body` (text) are given and the rest is written anew. From the standard input to the
// standard output:
//
//	go run ./decode < ../../../src/api/testdata/decode.jsonl > /tmp/decode.jsonl && mv /tmp/decode.jsonl ../../../src/api/testdata/
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	kjson "sigs.k8s.io/json"
)

// testCase is a line.
type testCase struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Body string `json:"body"`
	// Object is what the JSON decoder made of the body, or Error why it could not.
	Object string `json:"object,omitempty"`
	Error  string `json:"error,omitempty"`
	// Unknown are the fields that strict decoding names.
	Unknown []string `json:"unknown,omitempty"`
	// FromMap and MapError are the same for the converter from maps, where they differ.
	FromMap  string `json:"fromMap,omitempty"`
	MapError string `json:"mapError,omitempty"`
	// Stored is the object after a round trip through protobuf, where it differs.
	Stored string `json:"stored,omitempty"`
}

func main() {
	must(apiextensions.AddToScheme(scheme.Scheme))
	must(apiregistration.AddToScheme(scheme.Scheme))
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var given testCase
		must(json.Unmarshal(lines.Bytes(), &given))
		os.Stdout.WriteString(encode(record(testCase{Name: given.Name, Type: given.Type, Body: given.Body})) + "\n")
	}
	must(lines.Err())
}

func record(c testCase) testCase {
	slash := strings.LastIndex(c.Type, "/")
	gv, err := schema.ParseGroupVersion(c.Type[:slash])
	must(err)
	gvk := gv.WithKind(c.Type[slash+1:])
	object, err := scheme.Scheme.New(gvk)
	must(err)
	strict, err := kjson.UnmarshalStrict([]byte(c.Body), object)
	for _, e := range strict {
		c.Unknown = append(c.Unknown, e.Error())
	}
	if err != nil {
		c.Error = err.Error()
	} else {
		c.Object = encode(object)
		c.Stored = stored(object, gvk)
	}
	var fields map[string]any
	must(kjson.UnmarshalCaseSensitivePreserveInts([]byte(c.Body), &fields))
	other, err := scheme.Scheme.New(gvk)
	must(err)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(fields, other); err != nil {
		c.MapError = err.Error()
	} else if text := encode(other); text != c.Object {
		c.FromMap = text
	}
	return c
}

// stored gives the object as it comes back from protobuf; empty when it comes back as it was, or has no protobuf form.
func stored(object runtime.Object, gvk schema.GroupVersionKind) string {
	object.GetObjectKind().SetGroupVersionKind(gvk)
	before := encode(object)
	serializer := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme)
	var buffer bytes.Buffer
	if serializer.Encode(object, &buffer) != nil {
		return ""
	}
	back, _, err := serializer.Decode(buffer.Bytes(), nil, nil)
	must(err)
	if after := encode(back); after != before {
		return after
	}
	return ""
}

func encode(value any) string {
	text, err := json.Marshal(value)
	must(err)
	return string(text)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
