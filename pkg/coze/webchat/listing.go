package webchat

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/cozekit/cozekit/pkg/coze"
)

// listing is a page of the conversations of a visitor.
type listing struct {
	botID, connectorID string
	order              coze.ConversationSortOrder
	from, size         int
}

// What a listing reads of the server: of a bot with many visitors the newest conversations count.
const (
	pageSize = 50
	maxPages = 20
)

func (p *visitorProxy) prepareList(c *call) error {
	c.keep("bot_id", "connector_id", "sort_order")
	l := listing{
		botID: c.Query.Get("bot_id"), connectorID: c.Query.Get("connector_id"),
		order: coze.ConversationSortOrder(c.Query.Get("sort_order")), size: numberOf(c.query.Get("page_size"), pageSize, pageSize),
	}
	l.from = (numberOf(c.query.Get("page_num"), 1, maxPages*pageSize) - 1) * l.size
	c.Query.Set("page_num", "1")
	c.Query.Set("page_size", strconv.Itoa(pageSize))
	c.list = l
	return p.host(l.botID)
}

// numberOf reads a number from 1 to most.
func numberOf(text string, byDefault, most int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return byDefault
	}
	return min(n, most)
}

// conversationList is the data of an answer, and of one that is made of it.
type conversationList struct {
	Conversations []coze.Conversation `json:"conversations"`
	HasMore       bool                `json:"has_more"`
}

// answerList puts the conversations of the visitor in place of those of everybody.
func (p *visitorProxy) answerList(ctx context.Context, v *visit, rsp *http.Response) error {
	raw, err := readJSON(rsp)
	if err != nil {
		return err
	}
	var e envelope[conversationList]
	if json.Unmarshal(raw, &e) != nil || e.Code != 0 {
		return p.emptyUnlessRefused(rsp, e.Code)
	}
	mine, page := []coze.Conversation{}, e.Data
	for n := int32(1); ; n++ {
		for _, c := range page.Conversations {
			ok, err := p.isMine(ctx, v.visitor, c)
			if err != nil {
				return err
			}
			if ok {
				delete(c.MetaData, stampKey)
				c.Name = pageName(v.visitor, c.Name)
				mine = append(mine, c)
			}
		}
		if !page.HasMore || n >= maxPages || len(mine) > v.list.from+v.list.size {
			break
		}
		if !allow(p.visitors, v.visitor) {
			return errTooMany
		}
		next, err := p.client.Conversations.List(ctx, coze.ListConversationsRequest{
			BotID: v.list.botID, ConnectorID: v.list.connectorID, SortOrder: v.list.order,
			PageNum: coze.Ptr(n + 1), PageSize: coze.Ptr(int32(pageSize)),
		})
		if err != nil {
			return err
		}
		page = conversationList{next.Items, next.HasMore}
	}
	from := min(v.list.from, len(mine))
	to := min(from+v.list.size, len(mine))
	e.Data = conversationList{mine[from:to], to < len(mine)}
	out, err := json.Marshal(e)
	if err == nil {
		replaceBody(rsp, out)
	}
	return err
}

// emptyUnlessRefused lets a refusal pass, but no list that could not be read.
func (p *visitorProxy) emptyUnlessRefused(rsp *http.Response, code int) error {
	if code == 0 {
		_ = rsp.Body.Close()
		replaceBody(rsp, []byte(`{"code":0,"msg":"","data":{"conversations":[],"has_more":false}}`))
	}
	return nil
}

func (p *visitorProxy) isMine(ctx context.Context, visitor string, c coze.Conversation) (bool, error) {
	if c.MetaData[stampKey] != "" {
		return c.MetaData[stampKey] == stamp(visitor), nil
	}
	owner, err := p.cfg.Owners.Owner(ctx, kindConversation+"/"+c.ID)
	return owner == visitor && visitor != "", err
}
