package emulator

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// operations are what the emulator answers, by the operation IDs of openapi.yaml.
var operations = map[string]func(*call) (*reply, error){
	"Models_ListSupportedLocales":      (*call).listLocales,
	"Endpoints_ListSupportedLocales":   (*call).listLocales,
	"Evaluations_ListSupportedLocales": (*call).listLocales,
	"Projects_ListSupportedLocales":    (*call).listLocales,
	"Datasets_ListSupportedLocales":    (*call).listDatasetLocales,

	"Models_ListBaseModels":         (*call).listBaseModels,
	"Models_GetBaseModel":           (*call).getBaseModel,
	"Models_GetBaseModelManifest":   (*call).baseModelManifest,
	"Models_ListCustomModels":       (*call).listModels,
	"Models_Create":                 (*call).createModel,
	"Models_GetCustomModel":         (*call).getModel,
	"Models_Update":                 (*call).updateModel,
	"Models_Delete":                 (*call).deleteModel,
	"Models_ListFiles":              (*call).listModelFiles,
	"Models_GetFile":                (*call).getModelFile,
	"Models_GetCustomModelManifest": (*call).modelManifest,
	"Models_AuthorizeCopy":          (*call).authorizeCopy,
	"Models_Copy":                   (*call).copyModel,
	"Operations_GetModelCopy":       (*call).getCopy,

	"Datasets_List":         (*call).listDatasets,
	"Datasets_Create":       (*call).createDataset,
	"Datasets_Get":          (*call).getDataset,
	"Datasets_Update":       (*call).updateDataset,
	"Datasets_Delete":       (*call).deleteDataset,
	"Datasets_GetBlocks":    (*call).listBlocks,
	"Datasets_UploadBlock":  (*call).uploadBlock,
	"Datasets_CommitBlocks": (*call).commitBlocks,
	"Datasets_ListFiles":    (*call).listDatasetFiles,
	"Datasets_GetFile":      (*call).getDatasetFile,

	"Projects_List":               (*call).listProjects,
	"Projects_Create":             (*call).createProject,
	"Projects_Get":                (*call).getProject,
	"Projects_Update":             (*call).updateProject,
	"Projects_Delete":             (*call).deleteProject,
	"Projects_ListDatasets":       (*call).listProjectDatasets,
	"Projects_ListModels":         (*call).listProjectModels,
	"Projects_ListEvaluations":    (*call).listProjectEvaluations,
	"Projects_ListEndpoints":      (*call).listProjectEndpoints,
	"Projects_ListTranscriptions": (*call).listTranscriptions,

	"Evaluations_List":      (*call).listEvaluations,
	"Evaluations_Create":    (*call).createEvaluation,
	"Evaluations_Get":       (*call).getEvaluation,
	"Evaluations_Update":    (*call).updateEvaluation,
	"Evaluations_Delete":    (*call).deleteEvaluation,
	"Evaluations_ListFiles": (*call).listEvaluationFiles,
	"Evaluations_GetFile":   (*call).getEvaluationFile,

	"Endpoints_List":   (*call).listEndpoints,
	"Endpoints_Create": (*call).createEndpoint,
	"Endpoints_Get":    (*call).getEndpoint,
	"Endpoints_Update": (*call).updateEndpoint,
	"Endpoints_Delete": (*call).deleteEndpoint,
}

// Operations lists what the emulator answers, sorted, by the operation IDs of the contract.
func Operations() []string { return slices.Sorted(maps.Keys(operations)) }

// find returns the entity that the path names.
func find[T interface{ common() *entity }](c *call, table map[string]T) (T, error) {
	found, known := table[strings.ToLower(c.params["id"])]
	if !known || c.unseen(found.common()) {
		return found, notFound()
	}
	return found, nil
}

// unseen tells that the part of the service that answers a GET or a PATCH does not know a new entity yet.
func (c *call) unseen(e *entity) bool {
	reads := c.request.Method == http.MethodGet || c.request.Method == http.MethodPatch
	return reads && e.readableFrom > c.clock.Steady()
}

// all returns the common part of every entity that can belong to a project.
func (s *Server) all() []*entity {
	var out []*entity
	for _, d := range s.state.Datasets {
		out = append(out, &d.entity)
	}
	for _, m := range s.state.Models {
		out = append(out, &m.entity)
	}
	for _, e := range s.state.Evaluations {
		out = append(out, &e.entity)
	}
	for _, e := range s.state.Endpoints {
		out = append(out, &e.entity)
	}
	return out
}
