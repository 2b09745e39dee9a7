package session

// Room is how many more clients maxclients allows now. Any thread.
func (h *Hub) Room() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return int(h.settings.MaxClients.Load()) - len(h.clients)
}
