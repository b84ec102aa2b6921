"""The HR system: employees and their leave."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.demo.backends.answers import found, refused
from gateway.demo.company import Company


def routes(company: Company) -> list[Route]:
    """`GET /employees/{employee_id}` and `GET /employees/{employee_id}/leave`."""
    year = int(company.today[:4])

    async def employee(request: Request) -> Response:
        asked = company.employees.get(request.path_params["employee_id"])
        if asked is None:
            return _unknown()
        return found({"employee_id": asked.employee_id, "name": asked.name, "department": asked.department, "manager_id": asked.manager_id})

    async def leave(request: Request) -> Response:
        asked = company.employees.get(request.path_params["employee_id"])
        if asked is None:
            return _unknown()
        return found({"year": year, "entitled": asked.entitled, "taken": asked.taken, "planned": asked.planned})

    return [Route("/employees/{employee_id}", employee), Route("/employees/{employee_id}/leave", leave)]


def _unknown() -> Response:
    return refused(404, "unknown_employee", "There is no such employee.")
