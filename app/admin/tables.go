package admin

import (
	"context"
	"net/http"

	pages "parley/views/admin"
)

func (s *Server) showTables(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), answersTimeout)
	defer cancel()
	tables, err := s.parts.Tables(ctx)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, pages.Tables(s.page("Tables"), tables))
}

func (s *Server) showTable(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), answersTimeout)
	defer cancel()
	page := r.URL.Query().Get("page")
	t, err := s.parts.Table(ctx, r.PathValue("name"), page)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, pages.Table(s.page(t.Name+" · Tables"), t, page == ""))
}
