package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// The bounds of a plan in status: what is beyond them is counted in the summary, and is part of the hash.
const (
	// MaxPlannedChanges bounds the objects that are listed.
	MaxPlannedChanges = 300
	// MaxPlannedFields bounds the fields that are listed for one object.
	MaxPlannedFields = 30
	// MaxPlannedProblems bounds the problems that are listed.
	MaxPlannedProblems = 20
)

// Plan is what would change in AWS.
type Plan struct {
	// Summary counts the changes, as "3 to create, 1 to change, 0 to delete".
	// +required
	Summary string `json:"summary"`
	// Hash identifies the plan, with every change and value of it: kubectl portkey approve names it. Equal
	// plans have equal hashes, whenever they are made. It is empty while something couldn't be read.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	Hash string `json:"hash,omitempty"`
	// Changes are the changes, one for each object, the most dangerous first: what is replaced and deleted,
	// then what is changed, then what is created; and of these first what loses data or interrupts traffic.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=300
	Changes []PlannedChange `json:"changes,omitempty"`
	// Problems are what couldn't be planned, or won't be done, and why.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Problems []string `json:"problems,omitempty"`
}

// PlanAction is what is going to happen to an object.
type PlanAction string

// The actions of a plan.
const (
	// PlanCreate makes an object.
	PlanCreate PlanAction = "Create"
	// PlanUpdate changes an object in place.
	PlanUpdate PlanAction = "Update"
	// PlanReplace makes a new object and deletes the old one.
	PlanReplace PlanAction = "Replace"
	// PlanDelete deletes an object.
	PlanDelete PlanAction = "Delete"
)

// PlannedChange is what is going to happen to an object.
type PlannedChange struct {
	// Node is the object's place in the deployment, as subnet/private-a.
	// +required
	Node string `json:"node"`
	// Kind is AWS's noun for the object, as Subnet.
	// +optional
	Kind string `json:"kind,omitempty"`
	// Action is Create, Update, Replace or Delete.
	// +required
	Action PlanAction `json:"action"`
	// Interrupts is what the change interrupts, as "the cache's contents are lost"; empty where that is nothing.
	// +optional
	// +kubebuilder:validation:MaxLength=500
	Interrupts string `json:"interrupts,omitempty"`
	// Fields are the fields that differ.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=30
	Fields []FieldChange `json:"fields,omitempty"`
}

// FieldChange is a field that differs.
type FieldChange struct {
	// Path is the field's path in the object.
	// +required
	Path string `json:"path"`
	// Have is the value in AWS.
	// +optional
	Have string `json:"have,omitempty"`
	// Want is the value that the spec asks for.
	// +optional
	Want string `json:"want,omitempty"`
}

// Approval is the approval of a plan, which is good for one generation of the spec: until all of it is done,
// and for putting right what is changed in AWS afterwards.
type Approval struct {
	// Generation is the metadata.generation whose plan was approved.
	// +required
	Generation int64 `json:"generation"`
	// SpecDigest is the digest of that spec.
	// +required
	// +kubebuilder:validation:MaxLength=64
	SpecDigest string `json:"specDigest"`
	// Plan is the hash of the plan that was approved.
	// +required
	// +kubebuilder:validation:MaxLength=64
	Plan string `json:"plan"`
	// At is when.
	// +required
	At metav1.Time `json:"at"`
}
