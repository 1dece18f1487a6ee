// What client-go's csaupgrade makes of managedFields: reads cases from stdin, one JSON a line, and writes each with `want`.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/util/csaupgrade"
)

type upgrade struct {
	Entries     []metav1.ManagedFieldsEntry `json:"entries"`
	Manager     string                      `json:"manager"`
	From        []string                    `json:"from"`
	Subresource string                      `json:"subresource"`
	Want        json.RawMessage             `json:"want"`
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<24)
	for in.Scan() {
		var one upgrade
		if err := json.Unmarshal(in.Bytes(), &one); err != nil {
			panic(err)
		}
		one.Want = run(one)
		line, _ := json.Marshal(one)
		fmt.Println(string(line))
	}
}

// The names one by one: what becomes of several at once depends on the order of a Go map.
func run(one upgrade) json.RawMessage {
	object := &metav1.PartialObjectMetadata{}
	object.ManagedFields = one.Entries
	for _, name := range one.From {
		err := csaupgrade.UpgradeManagedFields(object, sets.New(name), one.Manager, csaupgrade.Subresource(one.Subresource))
		if err != nil {
			text, _ := json.Marshal("refused")
			return text
		}
	}
	text, _ := json.Marshal(object.ManagedFields)
	return text
}
