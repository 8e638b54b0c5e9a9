package petstore_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"

	"github.com/specpay/specpay/errgen/examples/petstore"
)

// A program distinguishes two codes with errors.Is.
func ExampleErrorDoer() {
	server := httptest.NewServer(response{409, "application/json", `{"error":{"code":"NAME_TAKEN","message":"Rex already exists"},"request_id":"r-1"}`})
	defer server.Close()

	client, err := petstore.NewClientWithResponses(server.URL, petstore.WithHTTPClient(petstore.ErrorDoer(nil)))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.CreatePetWithResponse(context.Background(), petstore.NewPet{Name: "Rex"})
	switch {
	case errors.Is(err, petstore.ErrNameTaken):
		fmt.Println("choose another name:", err)
	case errors.Is(err, petstore.ErrPetInvalid):
		fmt.Println("correct the request:", err)
	}
	// Output: choose another name: petstore createPet: NAME_TAKEN: Another pet already has this name (HTTP 409); advice: change; request r-1
}
