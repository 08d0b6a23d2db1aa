package admin

import (
	"context"
	"net/http"

	views "parley/views/admin"
)

func (s *Server) showTables(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readTimeout)
	defer cancel()
	tables, err := s.backend.Tables(ctx)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, views.Tables(s.page("Tables"), tables))
}

func (s *Server) showTable(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readTimeout)
	defer cancel()
	page := r.URL.Query().Get("page")
	t, err := s.backend.Table(ctx, r.PathValue("name"), page)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, views.Table(s.page(t.Name+" · Tables"), t, page == ""))
}
