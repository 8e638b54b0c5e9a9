package faulthttp

import (
	"fmt"
	"strings"
)

// MalformedResponse is a response that breaks HTTP, and how the call must end.
type MalformedResponse struct {
	Wire   string
	Status int  // of the error; 0 if there is no response
	OK     bool // the call succeeds
}

// Malformed returns responses that break HTTP/1.1, by name.
func Malformed(good *Response) map[string]MalformedResponse {
	body := string(good.Body)
	head := func(extra string) string {
		return fmt.Sprintf("HTTP/1.1 %d OK\r\n%s%s\r\n", good.Status, good.headerLines(), extra)
	}
	length := fmt.Sprintf("Content-Length: %d\r\n", len(body))
	chunked := "Transfer-Encoding: chunked\r\n"
	early := "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
	moved := "Location: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
	all := map[string]MalformedResponse{
		"length beyond the body":          {head(fmt.Sprintf("Content-Length: %d\r\n", len(body)+9)) + body, good.Status, false},
		"length that is not a number":     {head("Content-Length: 12abc\r\n") + body, 0, false},
		"negative length":                 {head("Content-Length: -1\r\n") + body, 0, false},
		"two lengths":                     {head(length+"Content-Length: 1\r\n") + body, 0, false},
		"chunk without a size":            {head(chunked) + "zz\r\n" + body + "\r\n0\r\n\r\n", good.Status, false},
		"chunk that is too short":         {head(chunked) + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body)+9, body), good.Status, false},
		"chunk of a huge size":            {head(chunked) + "ffffffffffffffffff\r\n" + body, good.Status, false},
		"chunks without an end":           {head(chunked) + fmt.Sprintf("%x\r\n%s\r\n", len(body), body), good.Status, false},
		"valid chunks":                    {head(chunked) + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body), 0, true},
		"no status":                       {"HTTP/1.1 \r\n\r\n" + body, 0, false},
		"status of letters":               {"HTTP/1.1 abc OK\r\n\r\n" + body, 0, false},
		"another protocol":                {"SSH-2.0-OpenSSH_9.9\r\n", 0, false},
		"no bytes":                        {"", 0, false},
		"header without a colon":          {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n" + body, 0, false},
		"early hints before the response": {strings.Repeat(early, 3) + "HTTP/1.1 100 Continue\r\n\r\n" + head(length) + body, 0, true},
		"early hints only":                {early, 0, false},
		"endless early hints":             {strings.Repeat(early, 20_000), 0, false},
		"unrequested upgrade":             {"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", 101, false},
		"not modified":                    {"HTTP/1.1 304 Not Modified\r\n\r\n", 304, false},
		"multiple choices":                {"HTTP/1.1 300 Multiple Choices\r\n" + moved, 300, false},
		"redirect":                        {"HTTP/1.1 307 Temporary Redirect\r\n" + moved, 307, false},
		"redirect without a location":     {"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", 302, false},
		"reset content":                   {"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", 205, false},
	}
	if len(body) > 1 {
		all["length inside the body"] = MalformedResponse{head(fmt.Sprintf("Content-Length: %d\r\n", len(body)-1)) + body, good.Status, false}
	}
	return all
}
