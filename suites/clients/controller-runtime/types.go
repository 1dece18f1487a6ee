package main

import (
	"fmt"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/conversion"
)

var (
	oldVersion = schema.GroupVersion{Group: "webhooks.example.com", Version: "v1"}
	newVersion = schema.GroupVersion{Group: "webhooks.example.com", Version: "v2"}
)

// WidgetV1 is the old form: how many there are is a text.
type WidgetV1 struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              WidgetV1Spec `json:"spec"`
}

type WidgetV1Spec struct {
	Size string `json:"size,omitempty"`
}

// Widget is the new form, in which widgets are stored: the hub of the conversions.
type Widget struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              WidgetSpec `json:"spec"`
}

type WidgetSpec struct {
	Replicas int64  `json:"replicas,omitempty"`
	Class    string `json:"class,omitempty"`
}

func (w *WidgetV1) DeepCopyObject() runtime.Object {
	copied := *w
	copied.ObjectMeta = *w.ObjectMeta.DeepCopy()
	return &copied
}

func (w *Widget) DeepCopyObject() runtime.Object {
	copied := *w
	copied.ObjectMeta = *w.ObjectMeta.DeepCopy()
	return &copied
}

// WidgetList is what a cache lists.
type WidgetList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Widget `json:"items"`
}

func (l *WidgetList) DeepCopyObject() runtime.Object {
	copied := &WidgetList{TypeMeta: l.TypeMeta, ListMeta: *l.ListMeta.DeepCopy()}
	for i := range l.Items {
		copied.Items = append(copied.Items, *l.Items[i].DeepCopyObject().(*Widget))
	}
	return copied
}

// Hub marks the version that all others are converted to and from.
func (*Widget) Hub() {}

// ConvertTo reads the text as a number.
func (w *WidgetV1) ConvertTo(hub conversion.Hub) error {
	replicas, err := strconv.ParseInt(w.Spec.Size, 10, 64)
	if err != nil {
		return fmt.Errorf("size %q is no number", w.Spec.Size)
	}
	to := hub.(*Widget)
	to.ObjectMeta = w.ObjectMeta
	to.Spec.Replicas = replicas
	return nil
}

// ConvertFrom writes the number as a text.
func (w *WidgetV1) ConvertFrom(hub conversion.Hub) error {
	from := hub.(*Widget)
	w.ObjectMeta = from.ObjectMeta
	w.Spec.Size = strconv.FormatInt(from.Spec.Replicas, 10)
	return nil
}

func addTypes(scheme *runtime.Scheme) {
	scheme.AddKnownTypeWithName(oldVersion.WithKind("Widget"), &WidgetV1{})
	scheme.AddKnownTypeWithName(newVersion.WithKind("Widget"), &Widget{})
	scheme.AddKnownTypeWithName(newVersion.WithKind("WidgetList"), &WidgetList{})
	metav1.AddToGroupVersion(scheme, oldVersion)
	metav1.AddToGroupVersion(scheme, newVersion)
}
