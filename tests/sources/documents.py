"""API descriptions of three versions, each with what is peculiar to its version."""

DELIVERY_30 = """\
openapi: 3.0.3
info: {title: Delivery, version: "1"}
servers: [{url: "https://not-used.example/v9"}]
paths:
  /shipments/{tracking_no}:
    parameters:
      - {name: tracking_no, in: path, required: true, schema: {type: string}}
    get:
      operationId: getShipment
      responses:
        404: {description: none}
        200:
          description: ok
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Shipment"}
  /shipments:
    get:
      operationId: searchShipments
      parameters:
        - {name: state, in: query, schema: {type: array, items: {type: string}}}
        - {name: filter, in: query, style: deepObject, schema: {type: object}}
        - {name: tags, in: query, style: pipeDelimited, schema: {type: array, items: {type: string}}}
        - {name: X-Trace, in: header, schema: {type: array, items: {type: string}}}
        - {name: Authorization, in: header, schema: {type: string}}
        - {name: sid, in: cookie, schema: {type: string}}
  /shipments/{tracking_no}/redirect:
    post:
      operationId: redirect
      requestBody:
        required: true
        content:
          text/xml: {}
          application/json:
            schema:
              type: object
              required: [street]
              properties:
                id: {type: integer, readOnly: true}
                street: {type: string}
                city: {type: string, nullable: true, default: Berlin}
  /v2/ping:
    get: {responses: {204: {description: pong}}}
components:
  schemas:
    Shipment:
      type: object
      required: [state]
      properties:
        state: {type: string, enum: [created, in_transit]}
        parent: {nullable: true, $ref: "#/components/schemas/Shipment"}
"""

ORDERS_31 = """\
openapi: 3.1.0
info: {title: Orders, version: "1"}
paths:
  /orders/{id}:
    put:
      operationId: createOrder
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: dry, in: query, schema: {type: [boolean, "null"]}}
      requestBody:
        content:
          application/vnd.order+json: {schema: {type: object, properties: {id: {type: string}}}}
  /orders{kind}:
    post:
      operationId: importOrders
      parameters:
        - {name: kind, in: path, required: true, style: matrix, schema: {type: string}}
      requestBody: {required: true, content: {application/json: {schema: {type: array}}}}
  /notes:
    post:
      operationId: note
      requestBody: {content: {text/plain: {schema: {type: string}}}}
"""

PETS_20 = """\
swagger: "2.0"
info: {title: Pets, version: "1"}
basePath: /not-used
consumes: [application/json]
paths:
  /pets:
    get:
      operationId: findPets
      parameters:
        - {name: tags, in: query, type: array, collectionFormat: ssv, items: {type: string}}
        - {name: states, in: query, type: array, collectionFormat: multi, items: {type: string}}
      responses:
        "200": {description: ok, schema: {type: array, items: {$ref: "#/definitions/Pet"}}}
    post:
      operationId: addPet
      parameters:
        - {name: pet, in: body, required: true, schema: {$ref: "#/definitions/Pet"}}
  /pets/{petId}:
    post:
      operationId: updatePet
      consumes: [application/x-www-form-urlencoded]
      parameters:
        - {name: petId, in: path, required: true, type: integer, format: int64}
        - {name: name, in: formData, type: string}
        - {name: tags, in: formData, type: array, items: {type: string}, collectionFormat: csv}
  /pets/{petId}/photo:
    post:
      operationId: uploadPhoto
      parameters:
        - {name: petId, in: path, required: true, type: integer}
        - {name: file, in: formData, type: file}
definitions:
  Pet:
    type: object
    required: [name]
    properties:
      name: {type: string}
      parent: {$ref: "#/definitions/Pet"}
"""
